// A mail server that shares no code with the one in Python: nodemailer's smtp-server.
//
//     node server.js '{"certificate": …, "key": …, "secure": true, "user": …, "password": …}'
//
// It prints its port as the first line, and each message that it takes as a line of JSON.
"use strict";
const { readFileSync } = require("fs");
const { SMTPServer } = require("smtp-server");

const asked = JSON.parse(process.argv[2]);
const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");
const refusal = (code, text) => Object.assign(new Error(text), { responseCode: code });
const seen = {};

const server = new SMTPServer({
  secure: asked.secure,
  cert: readFileSync(asked.certificate),
  key: readFileSync(asked.key),
  authMethods: asked.methods,
  logger: false,
  onAuth: ({ username, password }, _session, done) =>
    username === asked.user && password === asked.password
      ? done(null, { user: username })
      : done(refusal(535, "No such user or password")),
  onRcptTo: ({ address }, _session, done) => {
    seen[address] = (seen[address] || 0) + 1;
    if (address.startsWith("nobody")) return done(refusal(550, "Nobody of that name"));
    if (address.startsWith("grey") && seen[address] === 1) return done(refusal(450, "Come back later"));
    return done();
  },
  onData: (stream, session, done) => {
    const parts = [];
    stream.on("data", (part) => parts.push(part));
    stream.on("end", () => {
      const recipients = session.envelope.rcptTo.map(({ address }) => address);
      say({ recipients, content: Buffer.concat(parts).toString("base64"), secure: session.secure, user: session.user });
      if (recipients[0].startsWith("dies")) return server.connections.forEach(({ _socket }) => _socket.destroy());
      return done();
    });
  },
});
server.on("error", () => {});
server.listen(0, "127.0.0.1", () => say(server.server.address().port));
process.stdin.on("end", () => process.exit(0)).resume();
