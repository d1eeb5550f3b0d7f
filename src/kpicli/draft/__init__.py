"""A first book, drafted from the exports of a CRM: recognised by headers and values, each guess with its reason."""
