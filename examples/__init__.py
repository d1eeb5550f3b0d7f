"""The example: a made-up company, its exports, and the program that writes them."""
