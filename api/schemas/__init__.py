"""Shapes of requests and answers, by subject. Unknown fields are refused; times are UTC; amounts are text."""
