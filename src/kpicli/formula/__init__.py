"""The formula language: text to tree, tree to typed tree, and every function of the language."""
