"""What happens to an incident in words of a sentence, in both languages: for drills and for its history."""
