"""People: the parties an organization deals with.

Noun: Party (a person or an organization, member or not). It knows names and addresses for letters and mail.
It never knows what a party owes or belongs to.
"""
