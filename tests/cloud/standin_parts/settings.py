# SPDX-License-Identifier: GPL-3.0-or-later
"""How generous this cloud is: section "settings", changed by POST /_set {"settings": {...}}.

    share_quota         accounts that one image may be shared with
    image_quota         own images of one region
    polls               how many looks an asynchronous thing takes until it is done
    empty_pages         lists with NextToken begin with an empty page
    token_seconds       temporary credentials live no longer than this (null: as long as asked for)
    oidc_token          the token that AssumeRoleWithOIDC takes
    public_agreement    whether the agreement for community images is signed
    directory_member    whether the account is in the resource directory
    directory_sharing   whether sharing within the resource directory is enabled
    fail_targets        {target or resource id: reason}: its association ends as Failed
    association_quota   targets of one resource share
    fail_tasks          {action: [code, message]}: such tasks fail at their end
    last_id             the number of the last made image, snapshot or disk
"""


def begin():
    return {"settings": {
        "share_quota": 50, "image_quota": 1000, "polls": 2, "empty_pages": False, "token_seconds": None,
        "oidc_token": "imgvet-demo-oidc-token", "public_agreement": False, "directory_member": True,
        "directory_sharing": True, "fail_targets": {}, "association_quota": 1000, "fail_tasks": {}, "last_id": 0,
    }}
