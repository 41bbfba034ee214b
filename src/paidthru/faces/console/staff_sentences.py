"""Those who work here and how they sign in, in sentences; `sentences.py` says how they are chosen."""

from collections.abc import Mapping

STAFF: Mapping[str, tuple[str, ...]] = {
    "signed_in": ("Signed in by {how}.", "Signed in."),
    "roles_changed": ("{name}, who was {before}, is {roles} from now on.", "Changed somebody’s roles."),
    "signed_out": ("Ended all sign-ins of {name}.", "Ended somebody’s sign-ins."),
    "browser_signed_out": ("Signed {name} out: {browsers}.", "Signed a browser out."),
    "password_link": ("Made a link by which {name} sets a password.", "Made a link to set a password."),
    "password_changed": ("{name} has another password from now on.",),
    "code_generator_kept": ("{name} signs in with codes of an app from now on.",),
    "code_generator_dropped": ("{name} signs in without codes of an app from now on.",),
    "recovery_codes_renewed": ("{name} made new recovery codes.",),
    "recovery_code_used": ("{name} used a recovery code; {left} are left.",),
    "passkey_kept": ("{name} added the passkey {passkey}.",),
    "passkey_dropped": ("{name} removed the passkey {passkey}.",),
    "second_factor_removed": ("Removed the second factor of {name}, who had lost it.",),
}
