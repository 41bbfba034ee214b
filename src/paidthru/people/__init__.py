"""People: the parties an organization deals with.

Nouns: Party (a person, a household or an organization, member or not) and Belonging (who is of which household or
company, from a day to a day). It knows names and addresses for letters and mail. It never knows what a party owes,
nor which plan it is on.
"""
