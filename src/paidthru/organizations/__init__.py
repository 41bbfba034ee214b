"""Organizations: who bills, by which policies, and who of its staff may do what.

Nouns: Organization, User, StaffRole, PolicySetting, Series (gapless counters). It knows an organization's
currency, time zone, preset and mode (live or sandbox, the latter with a clock of its own).
It never knows members, money or documents.
"""
