"""What a roster's column can mean to us, and the headings that the usual products give it.

Headings are compared as plain words (see `cell_words.plain_words`). Earlier ones are the better guess when
two columns compete for a field. A renewal date has two readings: `next_renewal_on` is the first day of the
next term (`Renewal due`, `Next billing date`, the end of a processor's period); `paid_through` is the last
day that is paid (`Paid thru`, `Expires`).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """A field of ours: its name in mappings, what people call it, how its cells are read, its headings."""

    name: str
    label: str
    kind: str  # text | date | amount | email | word
    headings: tuple[str, ...]


def _field(name: str, label: str, kind: str, headings: str) -> Field:
    return Field(name, label, kind, tuple(each.strip() for each in headings.split(",")))


FIELDS: tuple[Field, ...] = (
    _field(
        "external_id", "member id", "text",
        "user id, member id, member number, membership number, member no, membership no, membership id, "
        "member nr, imis id, constituent id, contact id, customer id, external id, subscriber id, account "
        "number, account id, record id, id number, person id, party id, uid, id, mitgliedsnummer, "
        "mitglieds nr, mitgliedsnr, mitglied nr, mitgliedernummer, kundennummer, kunden nr, numero d "
        "adherent, n d adherent, numero adherent, n adherent, no adherent, id adherent, numero de membre, "
        "no de membre, numero client, numero de socio, n de socio, numero socio, n socio, no socio, num "
        "socio, id socio, codigo de socio, codigo socio, lidnummer, relatienummer, numero tessera, n "
        "tessera, numero, nummer, number, nr, no, customer, user, uuid, leid, euid, username, user name, "
        "login",
    ),
    _field(
        "given_name", "first name", "text",
        "first name, firstname, given name, givenname, forename, first, fname, vorname, prenom, nombre, "
        "nombres, voornaam, roepnaam, nome, primeiro nome",
    ),
    _field(
        "family_name", "last name", "text",
        "last name, lastname, surname, family name, familyname, last, lname, nachname, familienname, zuname, "
        "nom de famille, nom, apellido, apellidos, primer apellido, achternaam, cognome, sobrenome, apelido",
    ),
    _field(
        "full_name", "full name", "text",
        "full name, fullname, member name, display name, name, contact name, customer name, person name, "
        "billing name, member, contact, person, mitglied, vollstandiger name, nom complet, nom et prenom, "
        "nom prenom, prenom nom, nombre completo, nombre y apellidos, apellidos y nombre, volledige naam, "
        "naam, nome completo, nome e cognome, vor und nachname, adherent, socio",
    ),
    _field(
        "organization_name", "organization", "text",
        "organization, organisation, organization name, organisation name, company, company name, business "
        "name, business, employer, firm, institution, account name, firma, firmenname, unternehmen, "
        "verein, societe, entreprise, raison sociale, structure, nom de l organisation, empresa, "
        "organizacion, razon social, entidad, compania, bedrijf, bedrijfsnaam, organisatie, azienda, "
        "ragione sociale, ente",
    ),
    _field(
        "email", "e-mail", "email",
        "e mail, email, email address, e mail address, primary email, primary email address, mail, mail "
        "address, contact email, emailaddress, e mail adresse, email adresse, mailadresse, courriel, "
        "adresse e mail, adresse email, adresse mail, adresse electronique, mel, correo electronico, "
        "correo, direccion de correo electronico, e mailadres, emailadres, posta elettronica, indirizzo "
        "email, e mail 1, email 1",
    ),
    _field(
        "phone", "phone", "text",
        "phone, phone number, telephone, telephone number, primary phone, mobile, mobile phone, mobile "
        "number, cell, cell phone, cellphone, home phone, work phone, tel, phone 1, telefon, "
        "telefonnummer, tel nr, handy, mobil, mobiltelefon, mobilnummer, telephone portable, telephone "
        "mobile, portable, telefono, telefono movil, movil, celular, telefoon, telefoonnummer, mobiel, "
        "cellulare",
    ),
    _field(
        "plan", "plan", "text",
        "membership level, membership plan, membership type, membership category, member type, member "
        "level, member category, level, plan, plan name, plan id, membership, memberships, membership "
        "name, subscription, subscription plan, subscription name, product, product name, item price id, "
        "tier, membership tier, category, class, package, type of membership, type, mitgliedsart, art der "
        "mitgliedschaft, mitgliedschaftsart, mitgliedstyp, mitgliedschaft, mitgliedsgruppe, beitragsart, "
        "beitragsgruppe, beitragsklasse, tarif, type d adhesion, type d adherent, type de membre, formule, "
        "categorie, abonnement, niveau, tipo de socio, tipo de membresia, tipo de cuota, membresia, "
        "categoria, modalidad, soort lidmaatschap, lidmaatschap, soort lid, tipo socio, quota associativa, "
        "tipologia socio",
    ),
    _field(
        "status", "status", "word",
        "membership status, member status, status, subscription status, standing, account status, "
        "mitgliedsstatus, mitgliederstatus, statut, statut d adhesion, etat, estado, estado de socio, "
        "estatus, stato, lidstatus",
    ),
    _field(
        "joined_on", "joined on", "date",
        "member since, join date, joined, joined on, date joined, joining date, date of joining, joined "
        "date, membership since, customer since, since, member from, membership start date, membership "
        "start, original join date, enrolled, enrollment date, start date, started, started on, date "
        "started, start, registration date, registered, registered on, signup date, sign up date, created, "
        "created on, created at, creation date, date created, eintrittsdatum, eintritt, eintritt am, "
        "beitrittsdatum, beitritt, mitglied seit, aufnahmedatum, date d adhesion, date d entree, date d "
        "inscription, membre depuis, adherent depuis, adhesion, date adhesion, fecha de alta, fecha alta, "
        "alta, socio desde, miembro desde, fecha de ingreso, fecha de inscripcion, antiguedad, lid sinds, "
        "lid vanaf, inschrijfdatum, data iscrizione, iscritto dal, socio dal",
    ),
    _field(
        "next_renewal_on", "next renewal", "date",
        "renewal due, renewal due date, next renewal, next renewal date, renewal date, renews on, renews, "
        "renews at, renewal, renew date, renew by, renew on, next billing date, next billing at, next "
        "billing, next bill date, next invoice date, next payment date, next payment, next charge date, "
        "next charge, next due date, current period end, current term end, billing date, due date, due on, "
        "nachste verlangerung, verlangerung am, verlangerungsdatum, nachste abrechnung, nachste rechnung, "
        "nachste zahlung, fallig am, falligkeit, nachste falligkeit, prochain renouvellement, date de "
        "renouvellement, renouvellement, renouvellement le, prochaine echeance, echeance, date d echeance, "
        "proxima renovacion, fecha de renovacion, renovacion, proximo pago, proximo cobro, "
        "verlengingsdatum, volgende verlenging, data rinnovo, rinnovo, prossimo rinnovo",
    ),
    _field(
        "paid_through", "paid through", "date",
        "paid through, paid thru, paid through date, paid thru date, paid until, paid to, paid to date, "
        "paid up to, expiration date, expiry date, expires, expires on, expires at, expiry, expiration, "
        "exp date, expire date, membership expires, membership expiry, membership expiration, membership "
        "expiration date, membership expiry date, valid until, valid through, valid thru, valid to, good "
        "through, renewed through, membership end date, membership end, end date, ends on, ends, end, term "
        "end, bezahlt bis, gultig bis, ablaufdatum, ablauf, lauft ab am, lauft bis, mitglied bis, ende der "
        "mitgliedschaft, date d expiration, expire le, expiration le, date de fin, fin d adhesion, fin "
        "adhesion, valable jusqu au, valide jusqu au, paye jusqu au, fecha de vencimiento, vencimiento, "
        "vence, vence el, fecha de caducidad, caduca, caducidad, valido hasta, pagado hasta, fecha de fin, "
        "geldig tot, betaald tot, betaald t m, vervaldatum, scadenza, data scadenza, valido fino al",
    ),
    _field(
        "cycle_started_on", "billing cycle started", "date",
        "billing cycle started, billing cycle start, billing cycle start date, cycle started, cycle start, "
        "current period start, current term start, term start, term start date, period start, last renewal, "
        "last renewal date, last renewed, renewed on, beginn der laufzeit, laufzeitbeginn, debut de periode, "
        "inicio del periodo, ultima renovacion, dernier renouvellement, letzte verlangerung",
    ),
    _field(
        "autopay", "autopay", "word",
        "autopay, auto pay, auto renew, auto renewal, autorenew, autorenewal, auto renewing, automatic "
        "renewal, automatic payment, automatic payments, recurring, recurring payment, recurring payments, "
        "auto rebill, auto collection, auto billing, autobill, autopay enabled, direct debit, bankeinzug, "
        "lastschrift, automatische verlangerung, renouvellement automatique, prelevement automatique, "
        "prelevement, renovacion automatica, domiciliado, domiciliacion, automatische incasso, incasso, "
        "rinnovo automatico, addebito automatico",
    ),
    _field(
        "price", "price", "amount",
        "price, plan price, plan amount, membership fee, membership fees, membership dues, annual dues, "
        "dues amount, dues, annual fee, fee, renewal amount, renewal fee, recurring amount, amount, rate, "
        "mrr, mitgliedsbeitrag, jahresbeitrag, beitrag, preis, betrag, cotisation, montant, montant de la "
        "cotisation, tarif annuel, prix, cuota, cuota anual, importe, importe cuota, precio, contributie, "
        "bijdrage, bedrag, quota annuale, quota, importo, prezzo",
    ),
    _field(
        "balance", "balance owed", "amount",
        "balance, balance due, balance owed, outstanding balance, open balance, account balance, current "
        "balance, amount due, amount owed, amount owing, outstanding, outstanding amount, owing, owed, "
        "total due, arrears, offener betrag, offener saldo, offene posten, saldo, ruckstand, kontostand, "
        "solde, solde du, montant du, reste a payer, saldo pendiente, deuda, importe pendiente, "
        "openstaand, openstaand bedrag, saldo dovuto",
    ),
    _field(
        "credit", "credit", "amount",
        "credit, credit balance, account credit, available credit, customer credit, credits, guthaben, "
        "avoir, credito, saldo a favor, tegoed",
    ),
    _field(
        "currency", "currency", "word", "currency, currency code, wahrung, devise, moneda, divisa, valuta",
    ),
    _field(
        "interval", "interval", "word",
        "billing interval, billing frequency, billing period, billing period unit, interval, frequency, "
        "payment frequency, payment interval, renewal period, renewal frequency, billing cycle, term, "
        "terms, membership term, term length, period, duration, zahlweise, zahlungsweise, "
        "zahlungsintervall, abrechnungszeitraum, abrechnungsintervall, turnus, laufzeit, periodicite, "
        "frequence, frequence de paiement, duree, periodicidad, frecuencia, frecuencia de pago, "
        "frequentie, betaalfrequentie, periodicita, frequenza",
    ),
    _field(
        "customer_type", "customer type", "text",
        "customer type, contact type, record type, account type, party type, constituent type, entity "
        "type, person or organization, individual or organization, is company, is organization, kundentyp, "
        "kontaktart, type de contact, type de client, tipo de contacto, tipo de cliente, soort contact, "
        "relatietype",
    ),
    _field(
        "address", "address", "text",
        "address, street address, street, address 1, address line 1, mailing address, postal address, home "
        "address, billing address, street 1, billing address 1, mailing street, mailing address 1, adresse, "
        "anschrift, strasse, strasse und hausnummer, strasse hausnummer, adresse postale, rue, adresse 1, "
        "direccion, domicilio, calle, direccion postal, adres, straat, indirizzo, via, morada, endereco",
    ),
    _field(
        "address_2", "address, second line", "text",
        "address 2, address line 2, street 2, apartment, apt, unit, suite, billing address 2, mailing address "
        "2, adresszusatz, adresse 2, complement d adresse, complement adresse, direccion 2, piso",
    ),
    _field(
        "postal_code", "postal code", "text",
        "zip, zip code, zipcode, postal code, postcode, postalcode, billing zip, billing postal code, mailing "
        "zip, plz, postleitzahl, code postal, cp, codigo postal, c p, cap, codigo postal cp",
    ),
    _field(
        "city", "city", "text",
        "city, town, town city, billing city, mailing city, suburb, ort, stadt, wohnort, ville, localite, "
        "commune, ciudad, localidad, poblacion, municipio, plaats, woonplaats, citta, comune, cidade",
    ),
    _field(
        "region", "state or province", "text",
        "state province, state region, province, region, county, state, billing state, mailing state, "
        "bundesland, kanton, departement, provincia, provincie",
    ),
    _field(
        "country", "country", "word",
        "country, country code, country region, billing country, mailing country, land, staat, lander, pays, "
        "code pays, pais, paese, nazione",
    ),
    _field(
        "language", "language", "word",
        "language, preferred language, language code, correspondence language, locale, sprache, "
        "korrespondenzsprache, langue, langue preferee, idioma, lengua, taal, lingua",
    ),
    _field(
        "notes", "notes", "text",
        "notes, note, comments, comment, remarks, remark, memo, internal notes, member notes, description, "
        "notiz, notizen, bemerkung, bemerkungen, anmerkung, anmerkungen, kommentar, remarques, remarque, "
        "commentaires, commentaire, observations, notas, nota, observaciones, comentarios, opmerkingen, "
        "opmerking",
    ),
)  # fmt: skip

BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}
NAME_FIELDS = ("full_name", "given_name", "family_name", "organization_name")
DATE_FIELDS = tuple(field.name for field in FIELDS if field.kind == "date")
AMOUNT_FIELDS = tuple(field.name for field in FIELDS if field.kind == "amount")
