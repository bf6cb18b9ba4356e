"""What an auditor takes away: everything of one incident, and the script that verifies it without Huiying."""
