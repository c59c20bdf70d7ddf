"""What people see in a terminal: cards, reports and progress. No matching, no guidance of its own."""
