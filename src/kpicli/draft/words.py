"""The words by which columns, tables and stages of a sale are known.

They are English, German, French, Spanish, Dutch, Italian, Portuguese and Japanese, as far as CRMs have them.

Headers are compared in lower case, without accents, and cut into words: `CloseDate`, `close_date` and `Close Date` are
one. A phrase fits a header that is it; or, less well, one that holds all of its words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from kpicli.checking.stages import ENDED, WON


def word_set(text: str) -> frozenset[str]:
    """Words that stand in a text with blanks between them."""
    return frozenset(text.split())


@cache
def words_of(text: str) -> tuple[str, ...]:
    """The words of a header: `CloseDate` and `LEADID` are two words each."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    decomposed = unicodedata.normalize("NFKD", apart.replace("ß", "ss"))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()
    found = re.findall(r"[^\W_]+", plain)
    return tuple(part for word in found for part in _parted(word))


def _parted(word: str) -> tuple[str, ...]:
    """A word, without an `id` that is written onto it."""
    stem = word.removesuffix("ids").removesuffix("id")
    return (stem, "id") if stem != word and stem in _WITH_ID else (word,)


_WITH_ID = word_set("""
    lead deal potential opportunity account contact task event call activity user owner campaign company record
    product customer client organization organisation row rep agent manager quote order
    """)


def _phrases(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(words_of(phrase.strip()) for line in text.strip().splitlines() for phrase in line.split(","))


ROLES: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "id": _phrases("""
        id, record id, key, number, nr, no, nummer, uuid, guid, identifier, code, row id, kennung, datensatz id
        numero, identifiant, identificador, reference, referenz, deal, deal nr
    """),
    "owner": _phrases("""
        owner, owner name, owner id, deal owner, opportunity owner, potential owner, lead owner, record owner, rep
        sales rep, salesrep, sales agent, agent, salesperson, sales person, sales representative, seller, assigned to
        assigned, account executive, account manager, user, closer, call owner, task owner, event owner, host
        besitzer, inhaber, verantwortlich, verantwortlicher, zustandig, zugewiesen an, verkaufer, vertriebler
        betreuer, bearbeiter, vertriebsmitarbeiter, mitarbeiter, proprietaire, responsable, commercial, vendeur
        attribue a, charge d affaires, propietario, vendedor, comercial, asignado a, ejecutivo, eigenaar, verkoper
        verantwoordelijke, toegewezen aan, medewerker
        proprietaire de la transaction, proprietaire de l affaire, titolare, titolare opportunita, responsabile
        assegnato a, proprietario da oportunidade, responsavel, 所有者, 商談 所有者, 担当者, 営業担当
    """),
    "stage": _phrases("""
        stage, deal stage, sales stage, stage name, opportunity stage, pipeline stage, phase, status, deal status
        verkaufsphase, vertriebsphase, stufe, stadium, stand, etape, phase de vente, statut, etapa, fase, estado
        fase de venta, verkoopfase, forecast type, outcome, result, ergebnis, resultat, resultado, resultaat
        stadio, estagio, フェーズ, ステージ, ステータス
    """),
    "amount": _phrases("""
        amount, deal value, deal amount, value, close value, revenue, deal size, opportunity amount, est revenue
        estimated revenue, actual revenue, total, total price, price, arr, acv, tcv, mrr, contract value, net
        betrag, wert, auftragswert, umsatz, summe, volumen, auftragsvolumen, preis, montant, valeur
        chiffre d affaires, ca, prix, importe, monto, valor, ingresos, precio, cantidad, bedrag, waarde, omzet, prijs
        revenu, revenu est, importo, valore, ammontare, ricavo, montante, receita, 金額, 売上, 受注金額
    """),
    "created_date": _phrases("""
        created date, create date, created, created on, created at, created time, creation date, date created
        engage date, entry date, opened, open date, opened on, date opened, added, added on, date added, start date
        angelegt, angelegt am, erstellt, erstellt am, erstelldatum, erstellungsdatum, anlagedatum, eroffnet am
        cree, cree le, date de creation, ouvert le, ajoute le, creado, creado el, fecha de creacion, fecha creacion
        abierto el, aangemaakt, aangemaakt op, aanmaakdatum, geopend op
        creee, creee le, creato il, data creazione, data di creazione, criado em, data de criacao, 作成日, 作成日時
    """),
    "close_date": _phrases("""
        close date, closed date, closing date, closed, closed on, closed at, date closed, close, actual close date
        won date, signed on, sign date, deal closed on, closing
        abschlussdatum, abschluss, abschluss am, abgeschlossen am, geschlossen am, geschlossen, abschlusstermin
        schlusstermin, date de cloture, cloture, cloture le, cloturee le, date de fermeture, ferme le, date de signature
        fecha de cierre, fecha cierre, cierre, cerrado el, sluitingsdatum, afsluitdatum, gesloten op, afgesloten op
        sluiting, data chiusura, data di chiusura, chiuso il, data de fechamento, fechado em, data de fecho
        est close date, expected close date, estimated close date, 完了日, 完了予定日, クローズ日
    """),
    "modified_date": _phrases("""
        modified date, last modified date, modified time, modified on, modified at, updated, updated at, updated on
        last updated, last modified, geandert am, anderungsdatum, letzte anderung, modifie le, date de modification
        modificado, fecha de modificacion, gewijzigd op
    """),
    "date": _phrases("""
        date, activity date, due date, start, start date, start time, start date time, call start time, day, when
        completed date, done on, timestamp, datum, termin, tag, beginn, falligkeitsdatum, fallig am, date d echeance
        echeance, jour, debut, fecha, dia, inicio, vencimiento, fecha de vencimiento, dag, vervaldatum
    """),
    "source": _phrases("""
        lead source, source, channel, origin, original source, quelle, herkunft, leadquelle, kanal, origine
        source du prospect, canal, fuente, origen, fuente del lead, bron, leadbron, kanaal, utm source
        fonte, fonte del lead, origem, origem do lead, リードソース
    """),
    "account": _phrases("""
        account, account name, account id, company, company name, company id, customer, customer name, customer id
        client, organization, organisation, firma, firmenname, kunde, kundenname, unternehmen, compte, entreprise
        societe, nom du compte, cuenta, empresa, cliente, nombre de la cuenta, bedrijf, klant, organisatie, klantnaam
        azienda, nome account, conta, nome da conta, 取引先, 取引先名, 会社名, 顧客名
    """),
    "status": _phrases("""
        status, lead status, task status, activity status, state, statut, estado, etat, toestand, outcome, done
        leadstatus
    """),
    "type": _phrases("""
        type, deal type, activity type, task type, call type, event type, kind, art, typ, typ der aktivitat, tipo
        soort, category, kategorie, categorie, categoria
        種別
    """),
    "name": _phrases("""
        name, full name, deal name, opportunity name, potential name, user name, last name, title, bezeichnung, nom
        nombre, naam, titel, subject, topic
        nome, nome opportunita, nome da oportunidade, 名前, 商談名
    """),
    "won": _phrases("won, is won, iswon, is closed won, gewonnen, gagne, gagnee, ganado, ganada"),
    "lost": _phrases("lost, is lost, verloren, perdu, perdue, perdido, perdida"),
    "closed": _phrases("is closed, isclosed, is deal closed, geschlossen, cloture, cerrado, cerrada, gesloten"),
    "converted": _phrases("""
        converted, is converted, isconverted, konvertiert, umgewandelt, converti, convertie, convertido, convertida
        geconverteerd
    """),
    "completed": _phrases("""
        completed, is completed, done, is done, is closed, erledigt, abgeschlossen, termine, terminee, fait, hecho
        completado, completada, terminado, voltooid, gedaan, afgerond
    """),
    "currency": _phrases("""
        currency, ccy, currency code, currency iso code, deal currency, amount currency, wahrung, devise, monnaie
        moneda, divisa, valuta, munt
        moeda, 通貨
    """),
    "deleted": _phrases(
        "deleted, is deleted, geloscht, supprime, eliminado, verwijderd, cancellato, excluido, 削除済み"
    ),
    "active": _phrases("active, is active, aktiv, actif, active, activo, activa, actief"),
    "team": _phrases("team, sales team, group, department, abteilung, gruppe, equipe, equipo, groep, afdeling"),
    "region": _phrases(
        "region, regional office, territory, gebiet, vertriebsgebiet, bezirk, regio, territorio, office"
    ),
    "manager": _phrases(
        "manager, manager name, manager id, vorgesetzter, leiter, responsable, gerente, leidinggevende"
    ),
    "product": _phrases("product, product name, item, produkt, artikel, produit, article, producto, articulo, artikel"),
    "industry": _phrases("industry, sector, segment, branche, secteur, industria, bedrijfstak, vertical"),
    "country": _phrases("country, land, pays, pais, office location, billing country, location"),
    "email": _phrases("email, e mail, mail, correo, courriel"),
}
"""For each role the headers that a column in it has."""


def likeness(header: str, role: str) -> float:
    """How well a header fits a role, from 0 to 1."""
    words = words_of(header)
    if not words:
        return 0
    against, left = _UNLIKE.get(role, (frozenset[str](), 1.0))
    # A total of activities is no amount, and once a sale has closed it is nothing when it was expected to.
    likely = 1.0 if against.isdisjoint(words) else left
    best = 0.0
    for at, phrase in enumerate(ROLES[role]):
        early = 1 - at / 1_000  # of two phrases that fit, the one that stands first
        if phrase == words:
            best = max(best, early)
        elif set(phrase) <= set(words):
            best = max(best, likely * early * (0.4 + 0.4 * len(phrase) / len(words)))
    return best


_COUNTED: Final = word_set("""
    activities emails calls tasks meetings notes contacts products users days number count probability
    aktivitaten anzahl kontakte tage wahrscheinlichkeit activites probabilite actividades probabilidad
    """)
_EXPECTED: Final = word_set("""
    expected estimated est planned forecast erwartet erwartetes erwarteter erwartete voraussichtlich voraussichtliches
    geplant geplantes prevu prevue estimee prevista previsto estimada estimado verwacht verwachte
    """)


_UNLIKE: Final[Mapping[str, tuple[frozenset[str], float]]] = {"amount": (_COUNTED, 0), "close_date": (_EXPECTED, 0.85)}
"""Words that speak against a role, and what is left of a likeness where one of them stands in a header."""


# ---- what stages and states are called

_WON: Final = WON | word_set("gagnes gagnees ganados ganadas closedwon")
_LOST: Final = word_set("""
    lost loss verloren perdu perdue perdus perdues perdido perdida perdidos perdidas perso persa persi perse 失注
    closedlost
    """)
_NOT: Final = word_set("not no non nicht kein keine niet geen pas sin nie never")
_CLOSED: Final = ENDED | word_set("""
    rejected declined expired stopped dropped abgesagt abgelehnt refuse refusee rechazado rechazada
    afgesloten afgewezen
    """)
_DONE: Final = word_set("""
    completed complete done held closed finished attended sent erledigt abgeschlossen gehalten fertig beendet termine
    terminee fait faite effectue completado completada hecho terminado realizada voltooid gedaan afgerond afgesloten
    """)
CONVERTED: Final = word_set("""
    converted konvertiert umgewandelt converti convertie convertido convertida geconverteerd
    """)


def _speaks(text: str, of: frozenset[str], against: Iterable[str] = ()) -> bool:
    words = set(words_of(text))
    return bool(words & of) and not words & set(against) and not words & _NOT


def means_won(text: str) -> bool:
    return _speaks(text, _WON, _LOST)


def means_lost(text: str) -> bool:
    return _speaks(text, _LOST, _WON)


def may_mean_closed(text: str) -> bool:
    """Whether a text that is neither won nor lost may be an end of a sale too."""
    return not means_won(text) and not means_lost(text) and bool(set(words_of(text)) & (_CLOSED | _WON | _LOST))


def means_done(text: str) -> bool:
    return _speaks(text, _DONE)


def means_converted(text: str) -> bool:
    return _speaks(text, CONVERTED)
