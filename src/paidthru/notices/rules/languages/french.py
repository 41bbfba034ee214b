"""The mails in French: by kind the subject, the text, and what its button says; and the words that fill them."""

from collections.abc import Mapping
from types import MappingProxyType

NAME, DECLINE, BUTTON = "Français", "Je ne veux pas recevoir de courriels comme celui-ci", "Continuer"

_HELLO = "Bonjour {{ name }},\n\n"
_BYE = "\n\n{{ organization }}\n"
_OWED = "{{ amount }} {{ currency }} pour {{ plan }} (facture {{ invoices }}, échéance le {{ due }})"
_PUT_RIGHT = (
    "\n\nAvec ce lien, vous pouvez enregistrer une autre carte ou un compte bancaire et voir ce qui est dû :"
    f"\n\n{{{{ link }}}}{_BYE}"
)
_PAY, _CARD, _MEMBERSHIP = "Voir et payer ce qui est dû", "Enregistrer une autre carte", "Voir votre adhésion"

TEXTS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "welcome": (
            "Bienvenue chez {{ organization }}",
            (
                f"{_HELLO}Vous avez rejoint {{{{ plan }}}}. {{{{ term }}}}\n\nAvec ce lien, vous voyez votre"
                " adhésion et"
                " le prochain prélèvement, ou changez votre moyen de paiement :\n\n{{ link }}\n\n"
                f"Il est pour vous seulement et fonctionne jusqu'au {{{{ until }}}}.{_BYE}"
            ),
            _MEMBERSHIP,
        ),
        "invoice": (
            "Facture {{ invoice }} : {{ amount }} {{ currency }}",
            (
                f"{_HELLO}Voici la facture {{{{ invoice }}}} de {{{{ organization }}}}.\n\n{{{{ lines }}}}\n\n"
                "Reste à payer : {{ amount }} {{ currency }}, échéance le {{ due }}. Avec ce lien, vous"
                " pouvez la payer en"
                f" ligne :\n\n{{{{ link }}}}{_BYE}"
            ),
            "Voir et payer la facture",
        ),
        "receipt": (
            "Reçu : {{ amount }} {{ currency }}",
            (
                f"{_HELLO}Merci. Nous avons reçu {{{{ amount }}}} {{{{ currency }}}} (paiement"
                f" {{{{ payment }}}}).{{{{ manage }}}}{_BYE}"
            ),
            "",
        ),
        "renewal_ahead": (
            "{{ plan }} chez {{ organization }} : {{ headline }}",
            (
                f"{_HELLO}{{{{ said }}}}\n\nAvec ce lien, vous voyez votre adhésion, changez votre moyen de paiement ou"
                f" l'annulez :\n\n{{{{ link }}}}{_BYE}"
            ),
            _MEMBERSHIP,
        ),
        "renewal_notice": (
            "Votre renouvellement chez {{ organization }}",
            (
                f"{_HELLO}Votre adhésion est renouvelée ({{{{ run }}}}). Facture {{{{ invoice }}}} :\n\n"
                "{{ notice }}\n\nAvec ce lien, vous la voyez et savez comment la payer :"
                f"\n\n{{{{ link }}}}{_BYE}"
            ),
            "Voir et payer la facture",
        ),
        "card_expiring": (
            "Votre carte expire avant le {{ on }}",
            (
                f"{_HELLO}{{{{ amount }}}} {{{{ currency }}}} pour {{{{ plan }}}} seront débités le {{{{ on }}}} par ce"
                " moyen : {{ method }}. Cette carte expire fin {{ expires }}. Avec ce lien, vous pouvez en"
                " enregistrer une"
                f" autre d'ici là :\n\n{{{{ link }}}}{_BYE}"
            ),
            _CARD,
        ),
        "payment_failed": (
            "Votre paiement de {{ amount }} {{ currency }} n'a pas abouti",
            (
                f"{_HELLO}Nous n'avons pas pu encaisser {{{{ amount }}}} {{{{ currency }}}} pour la facture"
                " {{ invoices }}.\n{{ reason }}\n\nAvec ce lien, vous pouvez enregistrer une carte ou un"
                " compte bancaire :"
                f"\n\n{{{{ link }}}}{_BYE}"
            ),
            _CARD,
        ),
        "action_required": (
            "Veuillez confirmer votre paiement de {{ amount }} {{ currency }}",
            (
                f"{_HELLO}Votre banque vous demande de confirmer le paiement de {{{{ amount }}}} {{{{"
                " currency }} pour"
                " la facture {{ invoices }}. Rien n'a encore été débité. Avec ce lien, vous pouvez le confirmer :"
                f"\n\n{{{{ link }}}}{_BYE}"
            ),
            "Confirmer le paiement",
        ),
        "method_link": (
            "Votre moyen de paiement chez {{ organization }}",
            (
                f"{_HELLO}Avec ce lien, vous pouvez enregistrer une carte ou un compte bancaire pour vos"
                " paiements :\n\n"
                "{{ link }}\n\nIl est pour vous seulement et fonctionne jusqu'au {{ until }}. Ce que vous"
                " saisissez n'est"
                f" vu que par le prestataire de paiement, jamais par nous.{_BYE}"
            ),
            "Enregistrer un moyen de paiement",
        ),
        "member_link": (
            "Votre lien vers {{ organization }}",
            (
                f"{_HELLO}Vous avez demandé le lien vers votre adhésion :\n\n{{{{ link }}}}\n\nIl est pour"
                " vous seulement"
                " et fonctionne jusqu'au {{ until }}. Ou saisissez ce code sur la page où vous l'avez demandé :"
                " {{ code }}. Si ce n'est pas vous, ne donnez ce code à personne ; vous n'avez rien à faire : rien n'a"
                f" changé.{_BYE}"
            ),
            _MEMBERSHIP,
        ),
        "sign_up": (
            "Votre adhésion à {{ organization }}",
            (
                f"{_HELLO}Vous souhaitez rejoindre {{{{ plan }}}} chez {{{{ organization }}}}. Avec ce lien, vous"
                " continuez :\n\n{{ link }}\n\nIl fonctionne jusqu'au {{ until }}. Rien n'a été débité. Si ce n'est pas"
                f" vous, vous n'avez rien à faire.{_BYE}"
            ),
            "Continuer",
        ),
        "billing_contact": (
            "{{ buyer }} : {{ bought }}, {{ amount }} {{ currency }}",
            (
                f"{_HELLO}{{{{ buyer }}}} a acheté : {{{{ bought }}}}.\n\nMontant : {{{{ amount }}}} {{{{"
                " currency }}\n"
                "Facture : {{ invoice }}\n\nVous recevez ce courriel en tant que contact de facturation de"
                f" {{{{ organization }}}}.{_BYE}"
            ),
            "",
        ),
        "reminder": (
            "Rappel : {{ amount }} {{ currency }} pour {{ plan }}",
            f"{_HELLO}Pas encore payé : {_OWED}.{{{{ ask }}}}{_PUT_RIGHT}",
            _PAY,
        ),
        "second_reminder": (
            "Deuxième rappel : {{ amount }} {{ currency }} pour {{ plan }}",
            f"{_HELLO}Nous vous avons déjà écrit. Toujours impayé : {_OWED}.{{{{ ask }}}}{_PUT_RIGHT}",
            _PAY,
        ),
        "final_notice": (
            "Dernier rappel : {{ amount }} {{ currency }} pour {{ plan }}",
            f"{_HELLO}Ceci est notre dernier rappel. Toujours impayé : {_OWED}.{{{{ ask }}}}{_PUT_RIGHT}",
            _PAY,
        ),
        "past_due": (
            "En retard : {{ amount }} {{ currency }} pour {{ plan }}",
            f"{_HELLO}En retard : {_OWED}.{{{{ ask }}}}{_PUT_RIGHT}",
            _PAY,
        ),
        "lapsed": (
            "Votre adhésion {{ plan }} a pris fin",
            (
                f"{_HELLO}Votre adhésion {{{{ plan }}}} a pris fin, faute de paiement : {_OWED}. Ce montant reste"
                f" dû.{_PUT_RIGHT}"
            ),
            _PAY,
        ),
        "downgraded": (
            "Votre adhésion {{ plan }} est terminée",
            (
                f"{_HELLO}Votre adhésion {{{{ plan }}}} est terminée. {{{{ said }}}}\n\nSi vous souhaitez la"
                " reprendre, ce"
                " lien permet d'enregistrer une autre carte ou un compte bancaire :"
                f"\n\n{{{{ link }}}}{_BYE}"
            ),
            _CARD,
        ),
        "canceled": (
            "Votre adhésion {{ plan }} est annulée",
            f"{_HELLO}Votre adhésion {{{{ plan }}}} est annulée. {{{{ said }}}}{_BYE}",
            "",
        ),
        "goes_on": (
            "Votre adhésion {{ plan }} continue",
            (
                f"{_HELLO}Votre adhésion {{{{ plan }}}} n'est plus annulée : elle continue comme avant."
                f" Rien n'est débité pour cela.{_BYE}"
            ),
            "",
        ),
        "payer_stopped": (
            "{{ payer }} ne paie plus {{ plan }}",
            (
                f"{_HELLO}{{{{ payer }}}} ne paie plus votre adhésion {{{{ plan }}}}. Ce qu'elle coûte désormais vous"
                " sera demandé ; ce qui a été facturé jusqu'ici, non.\n\nCe lien permet de voir votre adhésion et"
                f" d'enregistrer un moyen de paiement :\n\n{{{{ link }}}}{_BYE}"
            ),
            _MEMBERSHIP,
        ),
        "refund": (
            "Remboursement de {{ amount }} {{ currency }}",
            (
                f"{_HELLO}Nous avons remboursé {{{{ amount }}}} {{{{ currency }}}} de votre paiement {{{{ payment }}}}."
                f" L'argent peut mettre quelques jours à arriver.{_BYE}"
            ),
            "",
        ),
        "gift_begun": (
            "Votre don régulier de {{ amount }} {{ currency }}",
            (
                f"{_HELLO}Merci : vous donnez régulièrement {{{{ amount }}}} {{{{ currency }}}}, la prochaine fois le"
                " {{ on }}, jusqu'à ce que vous y mettiez fin. Ce lien vous permet à tout moment de voir ce don, de le"
                f" modifier ou d'y mettre fin :\n\n{{{{ link }}}}{_BYE}"
            ),
            "Voir ou arrêter le don",
        ),
        "gift_paused": (
            "Votre don de {{ amount }} {{ currency }} est suspendu",
            (
                f"{_HELLO}Nous n'avons pas pu encaisser votre don de {{{{ amount }}}} {{{{ currency }}}}. Vous ne devez"
                " rien, et nous n'essaierons plus de nous-mêmes. Si vous souhaitez continuer, ce lien vous permet de le"
                " reprendre, au besoin avec une autre carte, ou d'y mettre fin :"
                f"\n\n{{{{ link }}}}{_BYE}"
            ),
            "Voir le don",
        ),
        "gift_stopped": (
            "Votre don de {{ amount }} {{ currency }} est arrêté",
            (
                f"{_HELLO}Votre don de {{{{ amount }}}} {{{{ currency }}}} est arrêté : plus rien n'est prélevé à ce"
                f" titre. Merci de ce que vous avez donné.{_BYE}"
            ),
            "",
        ),
        "tickets": (
            "Vos billets pour {{ event }}",
            (
                f"{_HELLO}Voici ce qui vous ouvre la porte de {{{{ event }}}} : {{{{ tickets }}}}. Vous retrouvez vos"
                f" billets ici à tout moment :\n\n{{{{ link }}}}{_BYE}"
            ),
            "Voir les billets",
        ),
        "sign_in_changed": (
            "Votre connexion à {{ organization }} a changé",
            (
                f"{_HELLO}{{{{ said }}}}\n\nQuand : {{{{ moment }}}}\n\nSi c’était vous, ou à votre demande, il n’y a"
                " rien à faire.\n\nSi ce n’était pas vous : connectez-vous, ouvrez « Your sign-in » derrière votre nom"
                " et déconnectez tous les autres appareils ; prévenez ensuite sans attendre un administrateur de"
                " {{ organization }}, qui peut"
                " vous déconnecter partout et vous donner un lien pour un nouveau mot de passe. Si vous ne pouvez"
                f" plus vous connecter, prévenez-le d’abord.{_BYE}"
            ),
            "",
        ),
        "given_year": (
            "Vos dons en {{ year }}",
            (
                f"{_HELLO}Merci pour vos dons en {{{{ year }}}}. Le relevé joint les énumère,"
                f" avec les reçus qui vous ont été envoyés.{_BYE}"
            ),
            "",
        ),
        "tax_receipt": (
            "Reçu {{ number }} pour votre don",
            (
                f"{_HELLO}Merci de votre don de {{{{ amount }}}} {{{{ currency }}}} du {{{{ given_on }}}}. Ceci est le"
                f" reçu {{{{ number }}}} ; veuillez le garder pour vos impôts.{_BYE}"
            ),
            "",
        ),
    }
)

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "ahead_ends_short": "se termine le {last_day}",
        "ahead_renewal_short": "renouvellement le {on}",
        "ahead_ends": (
            "Votre adhésion {plan} court jusqu'au {last_day} et se termine ensuite. Rien n'est débité"
            " automatiquement ; pour continuer, adhérez de nouveau avant cette date."
        ),
        "ahead_due": (
            "Votre adhésion {plan} est renouvelée le {on}. {amount} {currency} seront alors à payer ; rien n'est débité"
            " automatiquement."
        ),
        "ahead_no_method": (
            "Votre adhésion {plan} est renouvelée le {on}. {amount} {currency} doivent alors être débités, et aucune"
            " carte ni compte bancaire n'est enregistré : veuillez le faire avant cette date."
        ),
        "ahead_charged": (
            "Votre adhésion {plan} est renouvelée le {on}. {amount} {currency} seront débités ce jour-là par ce moyen :"
            " {method}."
        ),
        "ahead_paid_by": (
            "Votre adhésion {plan} est renouvelée le {on}. {payer} la paie ; rien ne vous est demandé."
        ),
        "ahead_expires": "Cette carte expire fin {expires} : veuillez en enregistrer une autre avant.",
        "term_never": "Elle n'a pas d'échéance, et rien n'est débité automatiquement.",
        "term_paid": "Elle est payée jusqu'au {term_through}.",
        "term_later": "Votre première période commence le {term_starts}.",
        "term_trial": (
            "Les jours avant le {term_starts} sont un essai et ne coûtent rien ; votre première période commence alors."
        ),
        "term_first": "Votre première période : du {term_starts} au {term_through}.",
        "end_asked": "Le dernier jour est le {last_day} ; rien n'est débité pour la suite.",
        "end_downgraded": "Le dernier jour était le {last_day} ; vous continuez avec {into}.",
        "end_canceled": "Le dernier jour était le {last_day} ; plus rien n'est débité.",
        "end_then": "Ensuite, vous continuez avec {into}.",
        "unpaid": "{amount} {currency} n'ont pas pu être encaissés.",
        "unpaid_downgraded": (
            "{amount} {currency} n'ont pas pu être encaissés. Vous continuez sans elle, et rien n'est plus dû."
        ),
        "unpaid_owed": "{amount} {currency} n'ont pas pu être encaissés ; ce montant reste dû.",
        "ask_no_method": "Aucune carte ni compte bancaire n'est enregistré.",
        "ask_expired": (
            "La carte enregistrée, {shown}, a expiré : veuillez saisir sa nouvelle date, ou une autre carte."
        ),
        "ask_failed": "Le dernier essai avec {shown} n'a pas abouti : {tried}",
        "gift_manage": "Vous donnez cela régulièrement. Pour voir, modifier ou arrêter ce don : {gift_link}",
        "sign_in_code_generator_kept": "Une application qui produit des codes a été installée pour votre connexion.",
        "sign_in_code_generator_dropped": "L’application qui produit des codes ne sert plus à votre connexion.",
        "sign_in_passkey_kept": "La clé d’accès « {passkey} » a été ajoutée à votre connexion.",
        "sign_in_passkey_dropped": "La clé d’accès « {passkey} » a été retirée de votre connexion.",
        "sign_in_recovery_codes_renewed": (
            "De nouveaux codes de secours ont été créés ; les précédents ne valent plus."
        ),
        "sign_in_recovery_code_used": "Un de vos codes de secours a été utilisé ; il en reste {left}.",
        "sign_in_second_factor_removed": (
            "Votre second facteur a été retiré : application, clés d’accès et codes de"
            " secours. Le mot de passe suffit désormais."
        ),
        "sign_in_password_changed": "Votre mot de passe a été remplacé.",
        "sign_in_by": "Fait par {by}.",
        "row_total": "Total",
        "row_credit": "Avoir",
        "row_to_pay": "À payer au plus tard le {day}",
        "why_money": "Le compte n'est pas assez approvisionné.",
        "why_expired": "La carte a expiré.",
        "why_blocked": "La carte est bloquée.",
        "why_wrong": "Des indications de la carte ou du compte sont fausses.",
        "why_kind": "La carte ou le compte ne permet pas ce genre de paiement.",
        "why_limit": "La limite de la carte est atteinte pour l'instant.",
        "why_later": "La banque n'a pas pu être jointe ou demande d'essayer plus tard.",
        "why_closed": "Le compte n'existe pas, ou plus.",
        "why_withdrawn": "L'autorisation de ce paiement a été retirée.",
        "why_confirm": "La banque demande de confirmer le paiement.",
        "why_no_method": "Aucune carte ni compte bancaire n'est enregistré.",
        "why_declined": "La banque a refusé le paiement.",
    }
)
