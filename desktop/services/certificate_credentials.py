"""What makes a record an issued paper: the signed credential, and the person as printed, frozen with it."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any

from desktop.documents.credential import Claims, identity_hash, issue_credential, photo_hash
from desktop.documents.wording import plain_number
from desktop.services import certificate_content as content

if TYPE_CHECKING:
    from desktop.services.certificate_content import Holder
    from desktop.services.desk import Desk
    from desktop.services.issuing_keys import IssuingKeys


def credentials(
    desk: Desk, values: dict[str, Any], holder: Holder, keys: IssuingKeys, id_number: str
) -> dict[str, Any]:
    """Return what is added to the record of a certificate when it is issued.

    The salt of the identity number follows from the paper's number and a secret of the issuer: the same for
    the same paper, and of no use for comparing two papers.
    """
    number = values["certificate_no"]
    salt = hmac.digest(keys.salt_key, number.encode(), hashlib.sha256)
    claims = Claims(
        number=number,
        holder=values["holder_name"],
        level=values["level"],
        issued=values["issued_on"],
        valid_to=values["valid_to"],
        hours=plain_number(values["hours"]),
        identity=identity_hash(id_number, salt) if id_number else b"",
        photo=photo_hash(holder.photo) if holder.photo else b"",
    )
    credential = issue_credential(claims, keys.credential)
    return {"credential": credential, "made_with": content.freeze(desk, holder)}
