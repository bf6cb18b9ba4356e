"""Stylesheets and scripts of the console, kept here because a county's intranet reaches no other host."""
