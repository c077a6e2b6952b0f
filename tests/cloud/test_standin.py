#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in of the cloud keeps the rules that it is to teach: images, shares, tags, keys, roles,
identities, the organization, and the script."""
import http.client
import json
import time

from standin_client import FRIEND, HERE, IMAGE, OTHER, add, check, code, ids, query_of, run

ROLE = "acs:ram::1000000000000001:role/"


def look_at_images(cloud):
    check("only Available ones are listed by default", "m-bp1creating001" in ids(cloud.ecs("DescribeImages", **HERE, PageSize=100)), False)
    check("Status=ALL lists every state", "m-bp1creating001" in ids(cloud.ecs("DescribeImages", **HERE, PageSize=100, Status="ALL")), True)
    check("ALL stands alone", code(cloud.ecs("DescribeImages", **HERE, Status="ALL,Available")), "InvalidParamter")
    check("by owner", ids(cloud.ecs("DescribeImages", **HERE, ImageOwnerAlias="others")), ["m-bp1received001"])
    check("by a wrong owner", code(cloud.ecs("DescribeImages", **HERE, ImageOwnerAlias="me")), "InvalidImageOwnerAlias.ValueNotSupported")
    check("by snapshot", ids(cloud.ecs("DescribeImages", **HERE, SnapshotId="s-bp1datadisk")), ["m-bp1datadisk001"])
    check("IsSelfShared is a text", cloud.ecs("DescribeImages", **IMAGE)[1]["Images"]["Image"][0]["IsSelfShared"], "False")
    page = cloud.ecs("DescribeImages", RegionId="cn-beijing", PageSize=3, PageNumber=2)[1]
    check("pages", (page["TotalCount"], len(page["Images"]["Image"])), (5, 2))
    check("no such page size", code(cloud.ecs("DescribeImages", **HERE, PageSize=101)), "InvalidParameter")
    check("regions, real and invented", len(cloud.ecs("DescribeRegions")[1]["Regions"]["Region"]), 10)


def share(cloud):
    many = [str(1100000000000001 + n) for n in range(12)]
    check("twelve accounts are taken", code(cloud.ecs("ModifyImageSharePermission", **IMAGE, **add(*many))), 200)
    answer = cloud.ecs("DescribeImageSharePermission", **IMAGE, PageSize=100)[1]
    check("and the last two are dropped without a word", [a["AliyunId"] for a in answer["Accounts"]["Account"]], many[:10])
    cloud.ecs("ModifyImageSharePermission", **IMAGE, **add(*many, action="Remove"))
    check("removed", cloud.ecs("DescribeImageSharePermission", **IMAGE)[1]["TotalCount"], 0)
    check("a dry run comes back as an error", code(cloud.ecs("ModifyImageSharePermission", **IMAGE, **add(FRIEND), DryRun="true")), "DryRunOperation")
    check("and changes nothing", cloud.ecs("DescribeImageSharePermission", **IMAGE)[1]["TotalCount"], 0)
    cloud.control("/_set", {"settings": {"share_quota": 1}})
    check("the quota", code(cloud.ecs("ModifyImageSharePermission", **IMAGE, **add(FRIEND, OTHER))), "QuotaExceed.ShareImageUser")
    rows = (({"IsPublic": "true"}, "PublicImageAgreement.NotSigned"), ({"IsPublic": "false"}, "Image.NotPublic"),
            ({"IsPublic": "true", **add(FRIEND)}, "InvalidParameter.IsPublic"), (add("9990000000000001"), "InvalidAccount.NotFound"),
            (add("9980000000000001"), "InvalidImageId.BidMismatch"), (add("1000000000000001"), "InvalidAccount.Forbbiden"))
    for params, wanted in rows:
        check(f"a change that is refused: {wanted}", code(cloud.ecs("ModifyImageSharePermission", **IMAGE, **params)), wanted)
    cloud.control("/_set", {"settings": {"public_agreement": True}})
    cloud.ecs("ModifyImageSharePermission", **IMAGE, IsPublic="true")
    check("public is a group", cloud.ecs("DescribeImageSharePermission", **IMAGE)[1]["ShareGroups"]["ShareGroup"], [{"Group": "all"}])


def share_encrypted(cloud):
    rows = (("m-bp1encrypted01", FRIEND, 200), ("m-bp1encrypted01", OTHER, "AssumeRoleError"),
            ("m-bp1servicekey1", FRIEND, "InvalidOperation.ServiceKeyEncryptedImageUnsupported"),
            ("m-bp1disabledkey", FRIEND, "InvalidParameter.KMSKeyId.CMKNotEnabled"),
            ("m-bp1encfull0001", FRIEND, "OperationDeined.FullImage"))
    for image, account, wanted in rows:
        check(f"encrypted: {image} with {account}", code(cloud.ecs("ModifyImageSharePermission", **HERE, ImageId=image, **add(account))), wanted)
    found = cloud.ecs("DescribeSnapshots", **HERE, SnapshotIds='["s-bp1servicekey"]')[1]["Snapshots"]["Snapshot"]
    check("the snapshot names the key", [s["KMSKeyId"] for s in found], ["key-hzzservice001"])
    aliases = cloud.kms("ListAliasesByKeyId", KeyId=found[0]["KMSKeyId"])[1]["Aliases"]["Alias"]
    check("the alias names the service key", [a["AliasName"] for a in aliases], ["alias/acs/ecs"])
    check("the key's state", cloud.kms("DescribeKey", KeyId="key-hzzdisabled01")[1]["KeyMetadata"]["KeyState"], "Disabled")
    role = cloud.ram("GetRole", RoleName="AliyunECSShareEncryptImageDefaultRole")[1]["Role"]
    check("the role's trust is JSON text", json.loads(role["AssumeRolePolicyDocument"])["Statement"][0]["Principal"],
          {"Service": [FRIEND + "@ecs.aliyuncs.com"]})
    check("no such role", code(cloud.ram("GetRole", RoleName="nobody")), "EntityNotExist.Role")
    check("ids as text that is no JSON", code(cloud.ecs("DescribeSnapshots", **HERE, SnapshotIds="s-1,s-2")), "InvalidSnapshotIds.Malformed")
    cloud.control("/_set", {"settings": {"empty_pages": True}})
    first = cloud.ecs("DescribeSnapshots", **HERE, MaxResults=4)[1]
    second = cloud.ecs("DescribeSnapshots", **HERE, MaxResults=4, NextToken=first["NextToken"])[1]
    third = cloud.ecs("DescribeSnapshots", **HERE, MaxResults=4, NextToken=second["NextToken"])[1]
    check("an empty page, and two more", [len(p["Snapshots"]["Snapshot"]) for p in (first, second, third)] + [third["NextToken"]], [0, 4, 3, ""])


def tags(cloud):
    one = {**HERE, "ResourceType": "image", "ResourceId.1": IMAGE["ImageId"]}
    check("tagged", code(cloud.ecs("TagResources", **one, **{"Tag.1.Key": "imgvet:digest", "Tag.1.Value": "sha256"})), 200)
    check("found by tag", ids(cloud.ecs("DescribeImages", **HERE, **{"Tag.1.Key": "imgvet:digest"})), [IMAGE["ImageId"]])
    check("listed", [t["TagValue"] for t in cloud.ecs("ListTagResources", **one)[1]["TagResources"]["TagResource"]], ["sha256"])
    check("a reserved key", code(cloud.ecs("TagResources", **one, **{"Tag.1.Key": "acs:x"})), "InvalidTagKey.Malformed")
    check("a received image", code(cloud.ecs("TagResources", **{**one, "ResourceId.1": "m-bp1received001", "Tag.1.Key": "a"})), "InvalidResourceId.NotFound")
    cloud.ecs("UntagResources", **one, **{"TagKey.1": "imgvet:digest"})
    check("untagged", cloud.ecs("ListTagResources", **one)[1]["TagResources"]["TagResource"], [])


def identities(cloud):
    check("the account", cloud.sts("GetCallerIdentity")[1]["IdentityType"], "Account")
    user = ("imgvet-demo-user-id", "imgvet-demo-user-secret-that-opens-nothing", None)
    check("a RAM user", cloud.sts("GetCallerIdentity", key=user)[1]["Arn"], "acs:ram::1000000000000001:user/imgvet-demo-user")
    form = {"RoleArn": ROLE + "imgvet-demo-role", "RoleSessionName": "ci", "DurationSeconds": 900}
    cloud.control("/_set", {"settings": {"token_seconds": 300}})
    given = cloud.sts("AssumeRole", form=form)[1]["Credentials"]
    key = (given["AccessKeyId"], given["AccessKeySecret"], given["SecurityToken"])
    check("a role, asked for by form", cloud.sts("GetCallerIdentity", key=key)[1]["Arn"],
          "acs:ram::1000000000000001:assumed-role/imgvet-demo-role/ci")
    cloud.control("/_script", [{"do": "skew", "seconds": 280}, {"do": "skew", "seconds": 301}])
    check("near its end", code(cloud.sts("GetCallerIdentity", key=key)), 200)
    check("expired", code(cloud.sts("GetCallerIdentity", key=key)), "InvalidSecurityToken.Expired")
    cloud.control("/_reset", [])
    check("too short", code(cloud.sts("AssumeRole", form={**form, "DurationSeconds": 899})), "InvalidParameter.DurationSeconds")
    check("a role that does not trust the account", code(cloud.sts("AssumeRole", form={**form, "RoleArn": ROLE + "imgvet-demo-oidc-role"})), "NoPermission")
    check("no such role to assume", code(cloud.sts("AssumeRole", form={**form, "RoleArn": ROLE + "nobody"})), "EntityNotExist.Role")


def with_oidc(cloud, token):
    query = query_of({"Version": "2015-04-01", "Action": "AssumeRoleWithOIDC", "Format": "JSON",
                      "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())})
    body = query_of({"OIDCProviderArn": "acs:ram::1000000000000001:oidc-provider/imgvet-demo", "OIDCToken": token,
                     "RoleArn": ROLE + "imgvet-demo-oidc-role", "RoleSessionName": "ci"})
    return json.loads(cloud.send("POST", "/?" + query, body.encode(), {"content-type": "application/x-www-form-urlencoded"})[2])


def oidc(cloud):
    given = with_oidc(cloud, "imgvet-demo-oidc-token")["Credentials"]
    key = (given["AccessKeyId"], given["AccessKeySecret"], given["SecurityToken"])
    check("an OIDC token is a role", cloud.sts("GetCallerIdentity", key=key)[1]["IdentityType"], "AssumedRoleUser")
    check("a wrong OIDC token is not", with_oidc(cloud, "another")["Code"], "AuthenticationFail.OIDCToken.Invalid")
    check("the log does not hold it", [e["params"]["OIDCToken"] for e in cloud.log() if e["action"] == "AssumeRoleWithOIDC"], ["...", "..."])


def associations(cloud, kind="Target", **more):
    found = cloud.sharing("ListResourceShareAssociations", AssociationType=kind, **more)[1]["ResourceShareAssociations"]
    return [(a["EntityId"], a["AssociationStatus"]) for a in found]


def sharing(cloud):
    cloud.control("/_set", {"settings": {"fail_targets": {"fd-imgvetdev": "LimitExceeded"}}})
    share = {"ResourceShareName": "imgvet-demo", "Resources.1.ResourceId": IMAGE["ImageId"], "Resources.1.ResourceType": "Image"}
    made = cloud.sharing("CreateResourceShare", **share, **{"Targets.1": "fd-imgvetprod", "Targets.2": "fd-imgvetdev"})[1]["ResourceShare"]
    one = {"ResourceShareId": made["ResourceShareId"]}
    check("the same name again", code(cloud.sharing("CreateResourceShare", **share)), "EntityAlreadyExists.ResourceShare")
    check("at first it goes on", associations(cloud), [("fd-imgvetprod", "Associating"), ("fd-imgvetdev", "Associating")])
    check("in between it cannot be ended", code(cloud.sharing("DisassociateResourceShare", **one, **{"Targets.1": "fd-imgvetprod"})), "AssociateConflict")
    check("then it is done, or failed", associations(cloud), [("fd-imgvetprod", "Associated"), ("fd-imgvetdev", "Failed")])
    failed = cloud.sharing("ListResourceShareAssociations", AssociationType="Target", AssociationStatus="Failed")[1]
    check("with a reason", failed["ResourceShareAssociations"][0]["AssociationFailedDetails"][0]["FailureReason"], "LimitExceeded")
    check("the image is not there yet", cloud.sharing("ListSharedResources", ResourceOwner="Self")[1]["SharedResources"], [])
    associations(cloud, "Resource")
    associations(cloud, "Resource", ResourceId=IMAGE["ImageId"])
    check("now it is", [r["ResourceArn"] for r in cloud.sharing("ListSharedResources", ResourceOwner="Self", Target="fd-imgvetprod")[1]["SharedResources"]],
          ["acs:ecs:cn-hangzhou:1000000000000001:image/m-bp1imgvetdemo001"])
    check("and who has it", [t["TargetId"] for t in cloud.sharing("ListSharedTargets", ResourceOwner="Self", ResourceId=IMAGE["ImageId"])[1]["SharedTargets"]], ["fd-imgvetprod"])
    check("nothing comes from others", cloud.sharing("ListSharedResources", ResourceOwner="OtherAccounts")[1]["SharedResources"], [])
    rows = (("r-imgvetdemo", "InvalidTarget"), ("1234567890123456", "InvalidTarget"), ("1000000000000001", "ShareWithYourself"))
    for target, wanted in rows:
        check(f"no target: {target}", code(cloud.sharing("AssociateResourceShare", **one, **{"Targets.1": target})), wanted)
    six = {f"Targets.{n}": f"140000000000000{n}" for n in range(1, 7)}
    check("six targets at once", code(cloud.sharing("AssociateResourceShare", **one, **six)), "InvalidParameter.Targets.Length")
    check("neither target nor resource", code(cloud.sharing("AssociateResourceShare", **one)), "ResourceAndTargetBothEmpty")
    cloud.sharing("DisassociateResourceShare", **one, **{"Targets.1": "fd-imgvetprod"})
    associations(cloud)
    check("ended", associations(cloud, AssociationStatus="Disassociated"), [("fd-imgvetprod", "Disassociated")])
    cloud.sharing("DeleteResourceShare", **one)
    states = [cloud.sharing("ListResourceShares", ResourceOwner="Self")[1]["ResourceShares"][0]["ResourceShareStatus"] for _ in range(2)]
    check("deleted", states, ["Deleting", "Deleted"])
    cloud.control("/_set", {"settings": {"directory_sharing": False, "empty_pages": True}})
    check("not enabled", code(cloud.sharing("CreateResourceShare", ResourceShareName="x", **{"Targets.1": "fd-imgvetprod"})), "NotEnableSharingWithResourceDirectory")
    check("and said so", cloud.sharing("CheckSharingWithResourceDirectoryStatus")[1]["EnableSharingWithRd"], False)
    page = cloud.sharing("ListResourceShares", ResourceOwner="Self")[1]
    check("an empty page with a token", (page["ResourceShares"], page["NextToken"] != ""), ([], True))


def directory(cloud):
    here = cloud.directory("GetResourceDirectory")[1]["ResourceDirectory"]
    check("the directory", (here["ResourceDirectoryId"], here["RootFolderId"]), ("rd-imgvetdemo", "r-imgvetdemo"))
    check("folders of the root", [f["FolderId"] for f in cloud.directory("ListFoldersForParent")[1]["Folders"]["Folder"]], ["fd-imgvetprod", "fd-imgvetdev"])
    check("accounts of a folder", [a["AccountName"] for a in cloud.directory("ListAccountsForParent", ParentFolderId="fd-imgvetshop")[1]["Accounts"]["Account"]],
          ["shop-north", "shop-south"])
    check("where an account is", cloud.directory("GetAccount", AccountId="1400000000000004")[1]["Account"]["ResourceDirectoryPath"],
          "rd-imgvetdemo/r-imgvetdemo/fd-imgvetprod/fd-imgvetshop/1400000000000004")
    check("what is above it", [f["FolderName"] for f in cloud.directory("ListAncestors", ChildId="1400000000000004")[1]["Folders"]["Folder"]], ["Root", "production", "shop"])
    check("no such folder", code(cloud.directory("GetFolder", FolderId="fd-none")), "EntityNotExists.Folder")


def broken(cloud):
    try:
        return code(cloud.ecs("DescribeRegions"))
    except (http.client.HTTPException, OSError) as error:
        return type(error).__name__


def script(cloud):
    cloud.control("/_script", [{"do": "drop-before", "chance": 0.5, "seed": 7}])
    first = [broken(cloud) for _ in range(12)]
    cloud.control("/_script", [{"do": "drop-before", "chance": 0.5, "seed": 7}])
    check("chance with a seed is repeatable", [broken(cloud) for _ in range(12)], first)
    check("and chance", len(set(first)), 2)
    cloud.control("/_script", [{"do": "slow", "bytes": 400, "ms": 10}, {"do": "length", "bytes": 9}, {"do": "expired-token"}])
    began = time.monotonic()
    check("a slow answer is whole", (broken(cloud), time.monotonic() - began > 0.01), (200, True))
    check("a length that is wrong", broken(cloud), "IncompleteRead")
    check("a token that is said to be expired", broken(cloud), "InvalidSecurityToken.Expired")
    entry = cloud.log()[-1]
    check("the log", (entry["action"], entry["signed"], entry["changed"], entry["key"]), ("DescribeRegions", True, False, "imgvet-demo-key-id"))


run((look_at_images, share, share_encrypted, tags, identities, oidc, sharing, directory, script),
    "--many-regions", "3", "--many-images", "50")
