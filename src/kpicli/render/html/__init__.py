"""What the page is made of: places on pictures as plain numbers, figures as texts, and the templates that hold them."""
