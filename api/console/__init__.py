"""The console: pages for those who handle incidents. Chinese first, English on a switch, useful without scripts."""
