"""The mails in Spanish: by kind the subject, the text, and what its button says; and the words that fill them."""

from collections.abc import Mapping
from types import MappingProxyType

NAME, DECLINE, BUTTON = "Español", "No quiero recibir correos como este", "Continuar"

_HELLO = "Hola, {{ name }}:\n\n"
_BYE = "\n\n{{ organization }}\n"
_OWED = "{{ amount }} {{ currency }} por {{ plan }} (factura {{ invoices }}, vence el {{ due }})"
_PUT_RIGHT = (
    "\n\nCon este enlace puede guardar otra tarjeta o una cuenta bancaria y ver lo que se debe:"
    f"\n\n{{{{ link }}}}{_BYE}"
)
_PAY, _CARD, _MEMBERSHIP = "Ver y pagar lo que se debe", "Guardar otra tarjeta", "Ver su membresía"

TEXTS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "welcome": (
            "Le damos la bienvenida a {{ organization }}",
            (
                f"{_HELLO}Se ha unido a {{{{ plan }}}}. {{{{ term }}}}\n\nCon este enlace puede ver su membresía y el"
                " próximo cobro, o cambiar la forma de pago:\n\n{{ link }}\n\n"
                f"Es solo para usted y funciona hasta el {{{{ until }}}}.{_BYE}"
            ),
            _MEMBERSHIP,
        ),
        "invoice": (
            "Factura {{ invoice }}: {{ amount }} {{ currency }}",
            (
                f"{_HELLO}Esta es la factura {{{{ invoice }}}} de {{{{ organization }}}}.\n\n{{{{ lines }}}}\n\n"
                "Quedan por pagar {{ amount }} {{ currency }}, con vencimiento el {{ due }}. Con este enlace"
                " puede pagarla"
                f" en línea:\n\n{{{{ link }}}}{_BYE}"
            ),
            "Ver y pagar la factura",
        ),
        "receipt": (
            "Recibo: {{ amount }} {{ currency }}",
            (
                f"{_HELLO}Gracias. Hemos recibido {{{{ amount }}}} {{{{ currency }}}} (pago"
                f" {{{{ payment }}}}).{{{{ manage }}}}{_BYE}"
            ),
            "",
        ),
        "renewal_ahead": (
            "{{ plan }} en {{ organization }}: {{ headline }}",
            (
                f"{_HELLO}{{{{ said }}}}\n\nCon este enlace puede ver su membresía, cambiar la forma de pago o"
                f" cancelarla:\n\n{{{{ link }}}}{_BYE}"
            ),
            _MEMBERSHIP,
        ),
        "renewal_notice": (
            "Su renovación en {{ organization }}",
            (
                f"{_HELLO}Su membresía se renueva ({{{{ run }}}}). Factura {{{{ invoice }}}}:\n\n{{{{ notice }}}}"
                f"\n\nCon este enlace puede verla, y cómo se paga:\n\n{{{{ link }}}}{_BYE}"
            ),
            "Ver y pagar la factura",
        ),
        "card_expiring": (
            "Su tarjeta caduca antes del {{ on }}",
            (
                f"{_HELLO}El {{{{ on }}}} se cobrarán {{{{ amount }}}} {{{{ currency }}}} por {{{{ plan }}}} con"
                " {{ method }}. Esa tarjeta caduca a finales de {{ expires }}. Con este enlace puede guardar"
                " otra antes:"
                f"\n\n{{{{ link }}}}{_BYE}"
            ),
            _CARD,
        ),
        "payment_failed": (
            "Su pago de {{ amount }} {{ currency }} no se ha podido cobrar",
            (
                f"{_HELLO}No hemos podido cobrar {{{{ amount }}}} {{{{ currency }}}} de la factura {{{{"
                " invoices }}.\n"
                "{{ reason }}\n\nCon este enlace puede guardar una tarjeta o una cuenta bancaria para pagar:"
                f"\n\n{{{{ link }}}}{_BYE}"
            ),
            _CARD,
        ),
        "action_required": (
            "Confirme su pago de {{ amount }} {{ currency }}",
            (
                f"{_HELLO}Su banco le pide que confirme el pago de {{{{ amount }}}} {{{{ currency }}}} de la factura"
                " {{ invoices }}. Todavía no se ha cobrado nada. Con este enlace puede confirmarlo:"
                f"\n\n{{{{ link }}}}{_BYE}"
            ),
            "Confirmar el pago",
        ),
        "method_link": (
            "Su forma de pago en {{ organization }}",
            (
                f"{_HELLO}Con este enlace puede guardar una tarjeta o una cuenta bancaria para sus pagos:\n\n"
                "{{ link }}\n\nEs solo para usted y funciona hasta el {{ until }}. Lo que escriba lo ve únicamente el"
                f" servicio de pago, nunca nosotros.{_BYE}"
            ),
            "Guardar una forma de pago",
        ),
        "member_link": (
            "Su enlace a {{ organization }}",
            (
                f"{_HELLO}Ha pedido el enlace a su membresía:\n\n{{{{ link }}}}\n\nEs solo para usted y"
                " funciona hasta el"
                " {{ until }}. O escriba este código en la página donde lo pidió: {{ code }}. Si no lo ha pedido"
                " usted, no diga el código a nadie; no tiene que hacer nada: nada ha cambiado."
                f"{_BYE}"
            ),
            _MEMBERSHIP,
        ),
        "sign_up": (
            "Su alta en {{ organization }}",
            (
                f"{_HELLO}Ha pedido unirse a {{{{ plan }}}} en {{{{ organization }}}}. Con este enlace puede continuar:"
                "\n\n{{ link }}\n\nFunciona hasta el {{ until }}. No se ha cobrado nada. Si no lo ha pedido usted, no"
                f" tiene que hacer nada.{_BYE}"
            ),
            "Continuar",
        ),
        "billing_contact": (
            "{{ buyer }}: {{ bought }}, {{ amount }} {{ currency }}",
            (
                f"{_HELLO}{{{{ buyer }}}} ha comprado: {{{{ bought }}}}.\n\nImporte: {{{{ amount }}}} {{{{"
                " currency }}\n"
                "Factura: {{ invoice }}\n\nRecibe este correo por ser el contacto de facturación de"
                f" {{{{ organization }}}}.{_BYE}"
            ),
            "",
        ),
        "reminder": (
            "Recordatorio: {{ amount }} {{ currency }} por {{ plan }}",
            f"{_HELLO}Todavía sin pagar: {_OWED}.{{{{ ask }}}}{_PUT_RIGHT}",
            _PAY,
        ),
        "second_reminder": (
            "Segundo recordatorio: {{ amount }} {{ currency }} por {{ plan }}",
            f"{_HELLO}Ya le habíamos escrito. Sigue sin pagar: {_OWED}.{{{{ ask }}}}{_PUT_RIGHT}",
            _PAY,
        ),
        "final_notice": (
            "Último aviso: {{ amount }} {{ currency }} por {{ plan }}",
            f"{_HELLO}Este es nuestro último aviso. Sigue sin pagar: {_OWED}.{{{{ ask }}}}{_PUT_RIGHT}",
            _PAY,
        ),
        "past_due": (
            "Vencido: {{ amount }} {{ currency }} por {{ plan }}",
            f"{_HELLO}Vencido: {_OWED}.{{{{ ask }}}}{_PUT_RIGHT}",
            _PAY,
        ),
        "lapsed": (
            "Su membresía {{ plan }} ha caducado",
            (
                f"{_HELLO}Su membresía {{{{ plan }}}} ha caducado por falta de pago: {_OWED}. El importe se sigue"
                f" debiendo.{_PUT_RIGHT}"
            ),
            _PAY,
        ),
        "downgraded": (
            "Su membresía {{ plan }} ha terminado",
            (
                f"{_HELLO}Su membresía {{{{ plan }}}} ha terminado. {{{{ said }}}}\n\nSi la quiere de nuevo, con este"
                " enlace puede guardar otra tarjeta o una cuenta bancaria:"
                f"\n\n{{{{ link }}}}{_BYE}"
            ),
            _CARD,
        ),
        "canceled": (
            "Su membresía {{ plan }} está cancelada",
            f"{_HELLO}Su membresía {{{{ plan }}}} está cancelada. {{{{ said }}}}{_BYE}",
            "",
        ),
        "goes_on": (
            "Su membresía {{ plan }} continúa",
            (
                f"{_HELLO}Su membresía {{{{ plan }}}} ya no está cancelada: continúa como antes."
                f" No se cobra nada por ello.{_BYE}"
            ),
            "",
        ),
        "payer_stopped": (
            "{{ payer }} ya no paga {{ plan }}",
            (
                f"{_HELLO}{{{{ payer }}}} ya no paga su membresía {{{{ plan }}}}. Lo que cueste desde ahora se le"
                " pedirá a usted; lo facturado hasta hoy, no.\n\nCon este enlace puede ver su membresía y guardar una"
                f" forma de pago:\n\n{{{{ link }}}}{_BYE}"
            ),
            _MEMBERSHIP,
        ),
        "refund": (
            "Reembolso de {{ amount }} {{ currency }}",
            (
                f"{_HELLO}Hemos devuelto {{{{ amount }}}} {{{{ currency }}}} de su pago {{{{ payment }}}}. Puede tardar"
                f" unos días en llegar.{_BYE}"
            ),
            "",
        ),
        "gift_begun": (
            "Su donación periódica de {{ amount }} {{ currency }}",
            (
                f"{_HELLO}Gracias: usted dona periódicamente {{{{ amount }}}} {{{{ currency }}}}, la próxima vez el"
                " {{ on }}, hasta que la termine. Con este enlace puede verla, cambiarla o terminarla en cualquier"
                f" momento:\n\n{{{{ link }}}}{_BYE}"
            ),
            "Ver o terminar la donación",
        ),
        "gift_paused": (
            "Su donación de {{ amount }} {{ currency }} está en pausa",
            (
                f"{_HELLO}No hemos podido cobrar su donación de {{{{ amount }}}} {{{{ currency }}}}. No debe nada, y no"
                " lo intentaremos de nuevo por nuestra cuenta. Si desea continuar, con este enlace puede reanudarla,"
                f" con otra tarjeta si hace falta, o terminarla:\n\n{{{{ link }}}}{_BYE}"
            ),
            "Ver la donación",
        ),
        "gift_stopped": (
            "Su donación de {{ amount }} {{ currency }} ha terminado",
            (
                f"{_HELLO}Su donación de {{{{ amount }}}} {{{{ currency }}}} ha terminado: no se cobra nada más por"
                f" ella. Gracias por lo que ha dado.{_BYE}"
            ),
            "",
        ),
        "tickets": (
            "Sus entradas para {{ event }}",
            (
                f"{_HELLO}Con esto entra en {{{{ event }}}}: {{{{ tickets }}}}. Encuentra sus entradas aquí en"
                f" cualquier momento:\n\n{{{{ link }}}}{_BYE}"
            ),
            "Ver las entradas",
        ),
        "sign_in_changed": (
            "Su acceso a {{ organization }} ha cambiado",
            (
                f"{_HELLO}{{{{ said }}}}\n\nCuándo: {{{{ moment }}}}\n\nSi fue usted, o lo pidió, no hay nada que"
                " hacer.\n\nSi no fue usted: inicie sesión, abra «Your sign-in» detrás de su nombre y cierre todas las"
                " demás sesiones; después avise enseguida a un administrador de {{ organization }}, que puede cerrar"
                " sus sesiones en todas partes y darle un enlace para una contraseña nueva. Si ya no puede entrar,"
                f" avísele primero.{_BYE}"
            ),
            "",
        ),
        "given_year": (
            "Sus donativos en {{ year }}",
            (
                f"{_HELLO}Gracias por sus donativos en {{{{ year }}}}. La relación adjunta"
                f" los enumera, con los recibos que se le enviaron.{_BYE}"
            ),
            "",
        ),
        "tax_receipt": (
            "Recibo {{ number }} de su donación",
            (
                f"{_HELLO}Gracias por su donación de {{{{ amount }}}} {{{{ currency }}}} del {{{{ given_on"
                " }}. Este es el"
                f" recibo {{{{ number }}}}; guárdelo para sus impuestos.{_BYE}"
            ),
            "",
        ),
    }
)

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "ahead_ends_short": "termina el {last_day}",
        "ahead_renewal_short": "renovación el {on}",
        "ahead_ends": (
            "Su membresía {plan} dura hasta el {last_day} y entonces termina. No se cobra nada automáticamente; para"
            " seguir, únase de nuevo antes de ese día."
        ),
        "ahead_due": (
            "Su membresía {plan} se renueva el {on}. Entonces vencen {amount} {currency}; no se cobra nada"
            " automáticamente."
        ),
        "ahead_no_method": (
            "Su membresía {plan} se renueva el {on}. Entonces se cobrarán {amount} {currency}, y no hay ninguna tarjeta"
            " ni cuenta bancaria guardada: guarde una antes de ese día."
        ),
        "ahead_charged": (
            "Su membresía {plan} se renueva el {on}. Ese día se cobrarán {amount} {currency} con {method}."
        ),
        "ahead_paid_by": (
            "Su membresía {plan} se renueva el {on}. {payer} paga por ella; a usted no se le pide nada."
        ),
        "ahead_expires": "Esa tarjeta caduca a finales de {expires}: guarde otra antes.",
        "term_never": "No tiene periodos, y no se cobra nada automáticamente.",
        "term_paid": "Está pagada hasta el {term_through}.",
        "term_later": "Su primer periodo empieza el {term_starts}.",
        "term_trial": (
            "Los días antes del {term_starts} son de prueba y no cuestan nada; entonces empieza su primer periodo."
        ),
        "term_first": "Su primer periodo: del {term_starts} al {term_through}.",
        "end_asked": "Su último día es el {last_day}; no se cobra nada por lo que sigue.",
        "end_downgraded": "Su último día fue el {last_day}; sigue con {into}.",
        "end_canceled": "Su último día fue el {last_day}; ya no se cobra nada por ella.",
        "end_then": "Después sigue con {into}.",
        "unpaid": "No se han podido cobrar {amount} {currency}.",
        "unpaid_downgraded": (
            "No se han podido cobrar {amount} {currency} por ella. Sigue sin ella, y ya no se debe nada."
        ),
        "unpaid_owed": "No se han podido cobrar {amount} {currency} por ella; ese importe se sigue debiendo.",
        "ask_no_method": "No hay ninguna tarjeta ni cuenta bancaria guardada.",
        "ask_expired": ("La tarjeta guardada, {shown}, ha caducado: escriba su nueva fecha, u otra tarjeta."),
        "ask_failed": "El último intento con {shown} no funcionó: {tried}",
        "gift_manage": "Usted dona esto periódicamente. Para verla, cambiarla o terminarla: {gift_link}",
        "sign_in_code_generator_kept": "Se ha configurado una aplicación que genera códigos para su acceso.",
        "sign_in_code_generator_dropped": "La aplicación que genera códigos ya no sirve para su acceso.",
        "sign_in_passkey_kept": "Se ha añadido la llave de acceso «{passkey}» a su acceso.",
        "sign_in_passkey_dropped": "Se ha quitado la llave de acceso «{passkey}» de su acceso.",
        "sign_in_recovery_codes_renewed": (
            "Se han creado nuevos códigos de recuperación; los anteriores ya no valen."
        ),
        "sign_in_recovery_code_used": "Se ha usado uno de sus códigos de recuperación; quedan {left}.",
        "sign_in_second_factor_removed": (
            "Se ha quitado su segundo factor: aplicación, llaves de acceso y códigos de"
            " recuperación. Ahora basta la contraseña."
        ),
        "sign_in_password_changed": "Su contraseña se ha cambiado.",
        "sign_in_by": "Lo hizo {by}.",
        "row_total": "Total",
        "row_credit": "Saldo a favor",
        "row_to_pay": "A pagar a más tardar el {day}",
        "why_money": "No hay suficiente dinero en la cuenta.",
        "why_expired": "La tarjeta ha caducado.",
        "why_blocked": "La tarjeta está bloqueada.",
        "why_wrong": "Los datos de la tarjeta o de la cuenta no son correctos.",
        "why_kind": "La tarjeta o la cuenta no permite este tipo de pago.",
        "why_limit": "El límite de la tarjeta se ha agotado por ahora.",
        "why_later": "No se pudo contactar con el banco, o pide que se intente más tarde.",
        "why_closed": "La cuenta no existe o ya no existe.",
        "why_withdrawn": "Se ha retirado la autorización de este pago.",
        "why_confirm": "El banco pide que se confirme el pago.",
        "why_no_method": "No hay ninguna tarjeta ni cuenta bancaria guardada.",
        "why_declined": "El banco ha rechazado el pago.",
    }
)
