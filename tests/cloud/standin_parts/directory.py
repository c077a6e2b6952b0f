# SPDX-License-Identifier: GPL-3.0-or-later
"""ResourceDirectory: the tree of folders and accounts.  Section "directory":

    {"id": "rd-...", "root": "r-...", "folders": {id: {"name", "parent"}}, "accounts": {id: {"name", "folder"}}}

The demo's account is the management account; with the setting directory_member false there is no tree.
"""
from .exchange import Refusal
from .keys import ACCOUNT
from .params import page_of, required, token_page

SERVICE, VERSION = "ResourceDirectoryMaster", "2022-04-19"
CREATED = "2026-01-01T00:00:00Z"


def begin():
    def folder(name, parent):
        return {"name": name, "parent": parent}

    def account(name, parent):
        return {"name": name, "folder": parent}
    return {"directory": {
        "id": "rd-imgvetdemo", "root": "r-imgvetdemo",
        "folders": {"fd-imgvetprod": folder("production", "r-imgvetdemo"), "fd-imgvetdev": folder("development", "r-imgvetdemo"),
                    "fd-imgvetshop": folder("shop", "fd-imgvetprod")},
        "accounts": {ACCOUNT: account("management", "r-imgvetdemo"),
                     "1400000000000001": account("audit", "r-imgvetdemo"),
                     "1400000000000002": account("payment", "fd-imgvetprod"),
                     "1400000000000003": account("delivery", "fd-imgvetprod"),
                     "1400000000000004": account("shop-north", "fd-imgvetshop"),
                     "1400000000000005": account("shop-south", "fd-imgvetshop"),
                     "1400000000000006": account("sandbox", "fd-imgvetdev")}}}


def tree(world):
    if not world.has["settings"]["directory_member"]:
        raise Refusal(404, "EntityNotExists.ResourceDirectory", "The resource directory does not exist.")
    return world.has["directory"]


def find_folder(world, folder_id):
    here = tree(world)
    if folder_id == here["root"]:
        return {"name": "Root", "parent": ""}
    if folder_id not in here["folders"]:
        raise Refusal(404, "EntityNotExists.Folder", "The specified folder does not exist.")
    return here["folders"][folder_id]


def ancestors(world, folder_id):
    """From the root down to the folder itself."""
    parent = find_folder(world, folder_id)["parent"]
    return (ancestors(world, parent) if parent else []) + [folder_id]


def path_of(world, folder_id):
    return "/".join([tree(world)["id"], *ancestors(world, folder_id)])


def show_folder(world, folder_id):
    return {"FolderId": folder_id, "FolderName": find_folder(world, folder_id)["name"], "CreateTime": CREATED}


def show_account(world, account_id):
    one = tree(world)["accounts"][account_id]
    return {"AccountId": account_id, "AccountName": one["name"], "DisplayName": one["name"], "FolderId": one["folder"],
            "Type": "CloudAccount", "Status": "InviteSuccess", "JoinMethod": "invited", "JoinTime": CREATED,
            "ResourceDirectoryId": tree(world)["id"],
            "ResourceDirectoryPath": path_of(world, one["folder"]) + "/" + account_id}


def a_page(world, found, params):
    """Either kind of paging; this service numbers pages unless asked for MaxResults."""
    if "MaxResults" in params or "NextToken" in params:
        page, token = token_page(world, found, params, 10)
        return page, {"NextToken": token, "TotalCount": len(found)}
    return page_of(found, params)


def get_directory(world, params, request):
    here = tree(world)
    return {"ResourceDirectory": {"ResourceDirectoryId": here["id"], "RootFolderId": here["root"], "MasterAccountId": ACCOUNT,
                                  "MasterAccountName": "imgvet-demo", "CreateTime": CREATED}}


def list_folders(world, params, request):
    parent = params.get("ParentFolderId") or tree(world)["root"]
    find_folder(world, parent)
    found = [f for f, one in tree(world)["folders"].items() if one["parent"] == parent]
    page, which = a_page(world, found, params)
    return {**which, "Folders": {"Folder": [show_folder(world, f) for f in page]}}


def accounts_page(world, found, params):
    page, which = a_page(world, found, params)
    return {**which, "Accounts": {"Account": [show_account(world, a) for a in page]}}


def list_accounts_for_parent(world, params, request):
    parent = params.get("ParentFolderId") or tree(world)["root"]
    find_folder(world, parent)
    return accounts_page(world, [a for a, one in tree(world)["accounts"].items() if one["folder"] == parent], params)


def list_accounts(world, params, request):
    return accounts_page(world, list(tree(world)["accounts"]), params)


def get_account(world, params, request):
    account_id = required(params, "AccountId")
    if account_id not in tree(world)["accounts"]:
        raise Refusal(404, "EntityNotExists.Account", "The specified account does not exist in the resource directory.")
    return {"Account": show_account(world, account_id)}


def get_folder(world, params, request):
    folder_id = required(params, "FolderId")
    return {"Folder": {**show_folder(world, folder_id), "ParentFolderId": find_folder(world, folder_id)["parent"],
                       "ResourceDirectoryPath": path_of(world, folder_id)}}


def list_ancestors(world, params, request):
    child = required(params, "ChildId")
    account = tree(world)["accounts"].get(child)
    above = ancestors(world, account["folder"]) if account else ancestors(world, child)[:-1]
    return {"Folders": {"Folder": [show_folder(world, f) for f in above]}}


ACTIONS = {
    "GetResourceDirectory": get_directory, "ListFoldersForParent": list_folders,
    "ListAccountsForParent": list_accounts_for_parent, "ListAccounts": list_accounts, "GetAccount": get_account,
    "GetFolder": get_folder, "ListAncestors": list_ancestors,
}
