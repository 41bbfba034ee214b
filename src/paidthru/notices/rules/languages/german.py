"""The mails in German: by kind the subject, the text, and what its button says; and the words that fill them."""

from collections.abc import Mapping
from types import MappingProxyType

NAME, DECLINE, BUTTON = "Deutsch", "Solche Mails möchte ich nicht bekommen", "Weiter"

_HELLO = "Guten Tag {{ name }},\n\n"
_BYE = "\n\n{{ organization }}\n"
_OWED = "{{ amount }} {{ currency }} für {{ plan }} (Rechnung {{ invoices }}, fällig am {{ due }})"
_PUT_RIGHT = (
    "\n\nÜber diesen Link können Sie eine andere Karte oder ein Bankkonto hinterlegen und sehen, was offen ist:"
    f"\n\n{{{{ link }}}}{_BYE}"
)
_PAY, _CARD, _MEMBERSHIP = (
    "Offenes ansehen und bezahlen",
    "Andere Karte hinterlegen",
    "Mitgliedschaft ansehen",
)

TEXTS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "welcome": (
            "Willkommen bei {{ organization }}",
            (
                f"{_HELLO}Sie sind {{{{ plan }}}} beigetreten. {{{{ term }}}}\n\nÜber diesen Link sehen Sie Ihre"
                " Mitgliedschaft und was als Nächstes abgebucht wird, oder ändern, wie Sie bezahlen:\n\n{{ link }}\n\n"
                f"Er ist nur für Sie bestimmt und gilt bis {{{{ until }}}}.{_BYE}"
            ),
            _MEMBERSHIP,
        ),
        "invoice": (
            "Rechnung {{ invoice }}: {{ amount }} {{ currency }}",
            (
                f"{_HELLO}dies ist die Rechnung {{{{ invoice }}}} von {{{{ organization }}}}.\n\n{{{{ lines }}}}\n\n"
                "Offen sind {{ amount }} {{ currency }}, fällig am {{ due }}. Über diesen Link können Sie"
                " online bezahlen:"
                f"\n\n{{{{ link }}}}{_BYE}"
            ),
            "Rechnung ansehen und bezahlen",
        ),
        "receipt": (
            "Zahlung erhalten: {{ amount }} {{ currency }}",
            (
                f"{_HELLO}vielen Dank. Wir haben {{{{ amount }}}} {{{{ currency }}}} erhalten (Zahlung"
                f" {{{{ payment }}}}).{{{{ manage }}}}{_BYE}"
            ),
            "",
        ),
        "renewal_ahead": (
            "{{ plan }} bei {{ organization }}: {{ headline }}",
            (
                f"{_HELLO}{{{{ said }}}}\n\nÜber diesen Link sehen Sie Ihre Mitgliedschaft, ändern, wie Sie"
                " bezahlen, oder"
                f" kündigen:\n\n{{{{ link }}}}{_BYE}"
            ),
            _MEMBERSHIP,
        ),
        "renewal_notice": (
            "Ihre Verlängerung bei {{ organization }}",
            (
                f"{_HELLO}Ihre Mitgliedschaft wird verlängert ({{{{ run }}}}). Rechnung {{{{ invoice }}}}:\n\n"
                "{{ notice }}\n\nÜber diesen Link sehen Sie sie und wie sie bezahlt wird:"
                f"\n\n{{{{ link }}}}{_BYE}"
            ),
            "Rechnung ansehen und bezahlen",
        ),
        "card_expiring": (
            "Ihre Karte läuft vor dem {{ on }} ab",
            (
                f"{_HELLO}{{{{ amount }}}} {{{{ currency }}}} für {{{{ plan }}}} sollen am {{{{ on }}}}"
                " abgebucht werden,"
                " und zwar von {{ method }}. Diese Karte läuft Ende {{ expires }} ab. Über diesen Link"
                " können Sie vorher"
                f" eine andere hinterlegen:\n\n{{{{ link }}}}{_BYE}"
            ),
            _CARD,
        ),
        "payment_failed": (
            "Ihre Zahlung von {{ amount }} {{ currency }} hat nicht geklappt",
            (
                f"{_HELLO}wir konnten {{{{ amount }}}} {{{{ currency }}}} für die Rechnung {{{{ invoices }}}} nicht"
                " einziehen.\n{{ reason }}\n\nÜber diesen Link können Sie eine Karte oder ein Bankkonto hinterlegen:"
                f"\n\n{{{{ link }}}}{_BYE}"
            ),
            _CARD,
        ),
        "action_required": (
            "Bitte bestätigen Sie Ihre Zahlung von {{ amount }} {{ currency }}",
            (
                f"{_HELLO}Ihre Bank bittet Sie, die Zahlung von {{{{ amount }}}} {{{{ currency }}}} für die Rechnung"
                " {{ invoices }} zu bestätigen. Noch ist nichts abgebucht. Über diesen Link können Sie sie bestätigen:"
                f"\n\n{{{{ link }}}}{_BYE}"
            ),
            "Zahlung bestätigen",
        ),
        "method_link": (
            "Ihre Zahlungsweise bei {{ organization }}",
            (
                f"{_HELLO}über diesen Link können Sie eine Karte oder ein Bankkonto für Ihre Zahlungen hinterlegen:\n\n"
                "{{ link }}\n\nEr ist nur für Sie bestimmt und gilt bis {{ until }}. Was Sie eingeben, sieht nur der"
                f" Zahlungsdienst, nie wir.{_BYE}"
            ),
            "Zahlungsweise hinterlegen",
        ),
        "member_link": (
            "Ihr Link zu {{ organization }}",
            (
                f"{_HELLO}Sie haben um den Link zu Ihrer Mitgliedschaft gebeten:\n\n{{{{ link }}}}\n\nEr ist"
                " nur für Sie"
                " bestimmt und gilt bis {{ until }}. Oder geben Sie auf der Seite, auf der Sie gefragt haben, diesen"
                " Code ein: {{ code }}. Haben nicht Sie darum gebeten, nennen Sie den Code niemandem; zu tun ist"
                " nichts: Es hat"
                f" sich nichts geändert.{_BYE}"
            ),
            _MEMBERSHIP,
        ),
        "sign_up": (
            "Ihr Beitritt zu {{ organization }}",
            (
                f"{_HELLO}Sie möchten {{{{ plan }}}} bei {{{{ organization }}}} beitreten. Über diesen Link geht es"
                " weiter:\n\n{{ link }}\n\nEr gilt bis {{ until }}. Noch ist nichts abgebucht. Haben nicht Sie darum"
                f" gebeten, brauchen Sie nichts zu tun.{_BYE}"
            ),
            "Weiter",
        ),
        "billing_contact": (
            "{{ buyer }}: {{ bought }}, {{ amount }} {{ currency }}",
            (
                f"{_HELLO}{{{{ buyer }}}} hat gekauft: {{{{ bought }}}}.\n\nBetrag: {{{{ amount }}}} {{{{"
                " currency }}\n"
                "Rechnung: {{ invoice }}\n\nSie bekommen diese Mail, weil Sie der Rechnungskontakt von"
                f" {{{{ organization }}}} sind.{_BYE}"
            ),
            "",
        ),
        "reminder": (
            "Erinnerung: {{ amount }} {{ currency }} für {{ plan }}",
            f"{_HELLO}noch nicht bezahlt: {_OWED}.{{{{ ask }}}}{_PUT_RIGHT}",
            _PAY,
        ),
        "second_reminder": (
            "Zweite Erinnerung: {{ amount }} {{ currency }} für {{ plan }}",
            f"{_HELLO}wir hatten Ihnen schon geschrieben. Noch immer nicht bezahlt: {_OWED}.{{{{ ask }}}}{_PUT_RIGHT}",
            _PAY,
        ),
        "final_notice": (
            "Letzte Mahnung: {{ amount }} {{ currency }} für {{ plan }}",
            f"{_HELLO}dies ist unsere letzte Mahnung. Noch immer nicht bezahlt: {_OWED}.{{{{ ask }}}}{_PUT_RIGHT}",
            _PAY,
        ),
        "past_due": (
            "Überfällig: {{ amount }} {{ currency }} für {{ plan }}",
            f"{_HELLO}überfällig: {_OWED}.{{{{ ask }}}}{_PUT_RIGHT}",
            _PAY,
        ),
        "lapsed": (
            "Ihre Mitgliedschaft {{ plan }} ist erloschen",
            (
                f"{_HELLO}Ihre Mitgliedschaft {{{{ plan }}}} ist erloschen, weil nicht bezahlt wurde:"
                f" {_OWED}. Der Betrag"
                f" ist weiterhin offen.{_PUT_RIGHT}"
            ),
            _PAY,
        ),
        "downgraded": (
            "Ihre Mitgliedschaft {{ plan }} ist beendet",
            (
                f"{_HELLO}Ihre Mitgliedschaft {{{{ plan }}}} ist beendet. {{{{ said }}}}\n\nMöchten Sie sie wieder"
                " aufnehmen, können Sie über diesen Link eine andere Karte oder ein Bankkonto hinterlegen:"
                f"\n\n{{{{ link }}}}{_BYE}"
            ),
            _CARD,
        ),
        "canceled": (
            "Ihre Mitgliedschaft {{ plan }} ist gekündigt",
            f"{_HELLO}Ihre Mitgliedschaft {{{{ plan }}}} ist gekündigt. {{{{ said }}}}{_BYE}",
            "",
        ),
        "goes_on": (
            "Ihre Mitgliedschaft {{ plan }} geht weiter",
            (
                f"{_HELLO}Ihre Mitgliedschaft {{{{ plan }}}} ist nicht mehr gekündigt: Sie geht weiter wie bisher."
                f" Dafür wird nichts abgebucht.{_BYE}"
            ),
            "",
        ),
        "payer_stopped": (
            "{{ payer }} zahlt nicht mehr für {{ plan }}",
            (
                f"{_HELLO}{{{{ payer }}}} zahlt nicht mehr für Ihre Mitgliedschaft {{{{ plan }}}}. Was sie von nun an"
                " kostet, wird Ihnen berechnet; was bisher berechnet wurde, nicht.\n\nÜber diesen Link sehen Sie Ihre"
                f" Mitgliedschaft und können eine Zahlungsart hinterlegen:\n\n{{{{ link }}}}{_BYE}"
            ),
            _MEMBERSHIP,
        ),
        "refund": (
            "Erstattung von {{ amount }} {{ currency }}",
            (
                f"{_HELLO}wir haben {{{{ amount }}}} {{{{ currency }}}} Ihrer Zahlung {{{{ payment }}}}"
                " erstattet. Bis das"
                f" Geld ankommt, kann es einige Tage dauern.{_BYE}"
            ),
            "",
        ),
        "gift_begun": (
            "Ihre regelmäßige Spende von {{ amount }} {{ currency }}",
            (
                f"{_HELLO}vielen Dank: Sie spenden regelmäßig {{{{ amount }}}} {{{{ currency }}}}, das nächste Mal am"
                " {{ on }}, bis Sie es beenden. Über diesen Link können Sie die Spende jederzeit ansehen, ändern oder"
                f" beenden:\n\n{{{{ link }}}}{_BYE}"
            ),
            "Spende ansehen oder beenden",
        ),
        "gift_paused": (
            "Ihre Spende von {{ amount }} {{ currency }} ruht",
            (
                f"{_HELLO}wir konnten Ihre Spende von {{{{ amount }}}} {{{{ currency }}}} nicht einziehen. Sie schulden"
                " nichts, und wir versuchen es nicht von selbst wieder. Wenn Sie weiter spenden möchten, können Sie sie"
                " über diesen Link wieder aufnehmen, wenn nötig mit einer anderen Karte, oder beenden:"
                f"\n\n{{{{ link }}}}{_BYE}"
            ),
            "Spende ansehen",
        ),
        "gift_stopped": (
            "Ihre Spende von {{ amount }} {{ currency }} ist beendet",
            (
                f"{_HELLO}Ihre Spende von {{{{ amount }}}} {{{{ currency }}}} ist beendet: Es wird nichts mehr dafür"
                f" abgebucht. Vielen Dank für alles, was Sie gegeben haben.{_BYE}"
            ),
            "",
        ),
        "tickets": (
            "Ihre Karten für {{ event }}",
            (
                f"{_HELLO}damit kommen Sie hinein bei {{{{ event }}}}: {{{{ tickets }}}}. Ihre Karten finden Sie"
                f" jederzeit hier:\n\n{{{{ link }}}}{_BYE}"
            ),
            "Karten ansehen",
        ),
        "sign_in_changed": (
            "Ihre Anmeldung bei {{ organization }} wurde geändert",
            (
                f"{_HELLO}{{{{ said }}}}\n\nWann: {{{{ moment }}}}\n\nWaren Sie das, oder haben Sie darum gebeten,"
                " ist nichts zu tun.\n\nWaren Sie es nicht: Melden Sie sich an, öffnen Sie hinter Ihrem Namen"
                " „Your sign-in“ und melden Sie alle anderen ab; sagen Sie es dann gleich der Verwaltung von"
                " {{ organization }}, die Sie überall abmelden und Ihnen einen Link für ein neues Passwort geben"
                f" kann. Kommen Sie nicht mehr hinein, sagen Sie es ihr zuerst.{_BYE}"
            ),
            "",
        ),
        "given_year": (
            "Ihre Spenden im Jahr {{ year }}",
            (
                f"{_HELLO}vielen Dank für Ihre Spenden im Jahr {{{{ year }}}}. Die Aufstellung"
                f" in der Anlage nennt sie mit den Bestätigungen, die Sie erhalten haben.{_BYE}"
            ),
            "",
        ),
        "tax_receipt": (
            "Bestätigung {{ number }} Ihrer Spende",
            (
                f"{_HELLO}vielen Dank für Ihre Spende von {{{{ amount }}}} {{{{ currency }}}} am {{{{"
                " given_on }}. Dies"
                f" ist die Bestätigung {{{{ number }}}}; bitte bewahren Sie sie für Ihre Steuer auf.{_BYE}"
            ),
            "",
        ),
    }
)

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "ahead_ends_short": "endet am {last_day}",
        "ahead_renewal_short": "Verlängerung am {on}",
        "ahead_ends": (
            "Ihre Mitgliedschaft {plan} läuft bis {last_day} und endet dann. Von selbst wird nichts abgebucht; wenn Sie"
            " weitermachen möchten, treten Sie bitte vorher neu bei."
        ),
        "ahead_due": (
            "Ihre Mitgliedschaft {plan} wird am {on} verlängert. Dann sind {amount} {currency} fällig; von selbst wird"
            " nichts abgebucht."
        ),
        "ahead_no_method": (
            "Ihre Mitgliedschaft {plan} wird am {on} verlängert. Dann sollen {amount} {currency} abgebucht werden, und"
            " es ist weder eine Karte noch ein Bankkonto hinterlegt: Bitte tun Sie das vorher."
        ),
        "ahead_charged": (
            "Ihre Mitgliedschaft {plan} wird am {on} verlängert. {amount} {currency} werden an diesem Tag abgebucht,"
            " und zwar von {method}."
        ),
        "ahead_paid_by": (
            "Ihre Mitgliedschaft {plan} wird am {on} verlängert. {payer} zahlt dafür; von Ihnen wird nichts verlangt."
        ),
        "ahead_expires": "Diese Karte läuft Ende {expires} ab: Bitte hinterlegen Sie vorher eine andere.",
        "term_never": "Sie hat keine Laufzeit, und von selbst wird nichts abgebucht.",
        "term_paid": "Sie ist bis {term_through} bezahlt.",
        "term_later": "Ihr erster Zeitraum beginnt am {term_starts}.",
        "term_trial": (
            "Die Tage vor dem {term_starts} sind zur Probe und kosten nichts; dann beginnt Ihr erster Zeitraum."
        ),
        "term_first": "Ihr erster Zeitraum: {term_starts} bis {term_through}.",
        "end_asked": "Ihr letzter Tag ist der {last_day}; für die Zeit danach wird nichts abgebucht.",
        "end_downgraded": "Ihr letzter Tag war der {last_day}; es geht weiter mit {into}.",
        "end_canceled": "Ihr letzter Tag war der {last_day}; es wird nichts mehr dafür abgebucht.",
        "end_then": "Danach geht es weiter mit {into}.",
        "unpaid": "{amount} {currency} konnten nicht eingezogen werden.",
        "unpaid_downgraded": (
            "{amount} {currency} dafür konnten nicht eingezogen werden. Es geht ohne sie weiter, und nichts ist mehr"
            " offen."
        ),
        "unpaid_owed": (
            "{amount} {currency} dafür konnten nicht eingezogen werden; dieser Betrag ist weiterhin offen."
        ),
        "ask_no_method": "Es ist weder eine Karte noch ein Bankkonto hinterlegt.",
        "ask_expired": (
            "Die hinterlegte Karte, {shown}, ist abgelaufen: Bitte geben Sie ihr neues Datum ein, oder eine andere"
            " Karte."
        ),
        "ask_failed": "Der letzte Versuch mit {shown} hat nicht geklappt: {tried}",
        "gift_manage": "Sie spenden das regelmäßig. Ansehen, ändern oder beenden: {gift_link}",
        "sign_in_code_generator_kept": "für Ihre Anmeldung wurde eine App eingerichtet, die Codes erzeugt.",
        "sign_in_code_generator_dropped": "die App, die Codes erzeugt, gilt für Ihre Anmeldung nicht mehr.",
        "sign_in_passkey_kept": "zu Ihrer Anmeldung kam der Passkey „{passkey}“ hinzu.",
        "sign_in_passkey_dropped": "der Passkey „{passkey}“ gilt für Ihre Anmeldung nicht mehr.",
        "sign_in_recovery_codes_renewed": (
            "es wurden neue Wiederherstellungscodes erzeugt; die früheren gelten nicht mehr."
        ),
        "sign_in_recovery_code_used": "einer Ihrer Wiederherstellungscodes wurde benutzt; es bleiben {left}.",
        "sign_in_second_factor_removed": (
            "Ihr zweiter Faktor wurde entfernt: App, Passkeys und Wiederherstellungscodes."
            " Zur Anmeldung genügt jetzt das Passwort."
        ),
        "sign_in_password_changed": "Ihr Passwort wurde neu gesetzt.",
        "sign_in_by": "Das geschah durch {by}.",
        "row_total": "Gesamtbetrag",
        "row_credit": "Guthaben",
        "row_to_pay": "Zu zahlen bis {day}",
        "why_money": "Auf dem Konto ist nicht genug Geld.",
        "why_expired": "Die Karte ist abgelaufen.",
        "why_blocked": "Die Karte ist gesperrt.",
        "why_wrong": "Angaben zur Karte oder zum Konto stimmen nicht.",
        "why_kind": "Die Karte oder das Konto lässt diese Art der Zahlung nicht zu.",
        "why_limit": "Das Limit der Karte ist für den Moment ausgeschöpft.",
        "why_later": "Die Bank war nicht erreichbar oder bittet um einen späteren Versuch.",
        "why_closed": "Das Konto gibt es nicht oder nicht mehr.",
        "why_withdrawn": "Die Erlaubnis für diese Zahlung wurde widerrufen.",
        "why_confirm": "Die Bank bittet darum, die Zahlung zu bestätigen.",
        "why_no_method": "Es ist weder eine Karte noch ein Bankkonto hinterlegt.",
        "why_declined": "Die Bank hat die Zahlung abgelehnt.",
    }
)
