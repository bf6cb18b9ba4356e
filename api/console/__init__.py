"""The console: pages for officers who have signed in."""
