# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the stand-in of the cloud, one subject a file.

The machine:

    server      sockets: reads a request, finds its door, does it under the script, logs, answers
    exchange    Request, Answer, Refusal, Dropped: what the parts hand each other
    script      which rule of the script a request uses up
    faults      what the rules do
    world       everything the cloud remembers; the state file
    settings    how generous this cloud is: quotas, lifetimes, number of polls
    keys        who may sign: the invented credentials, lasting and temporary
    acs3        ACS3-HMAC-SHA256, checked with code of its own
    params      reading the parameters of a call, paging
    tokens      ClientToken: a repeated call is carried out once
    doors       the kinds of requests, in the order in which they are tried
    rpc         the door of the calls of all services: version and action find a function
    metadata    the door of the metadata service and of a credentials URI
    oss         the door of the object storage; what its calls do: oss_objects; its buckets: oss_store (put,
                get and read are for other parts); its signatures: oss_sign; its XML: oss_xml
    blobs       bytes by their SHA-256, which objects are made of
    crc64       the checksum of objects

The services:

    images          the images that the account begins with
    ecs_images      DescribeImages
    ecs_share       DescribeImageSharePermission, ModifyImageSharePermission
    ecs_encrypted   whether an encrypted image may be shared
    ecs_regions     DescribeRegions
    ecs_snapshots   DescribeSnapshots
    ecs_make        CopyImage, CreateImage, DeleteImage
    ecs_disks       CreateDisk, DescribeDisks, AttachDisk, DetachDisk, DeleteDisk, DescribeInstances
    ecs_transfer    ExportImage, ImportImage
    disk_bytes      what the disks of images hold
    tasks           DescribeTasks, DescribeTaskAttribute, CancelTask
    ecs_tags        TagResources, UntagResources, ListTagResources
    kms, ram        DescribeKey, ListAliasesByKeyId; GetRole
    sharing         Create-, Associate-, Disassociate-, DeleteResourceShare
    sharing_reads   their lists, and whether sharing with the directory is enabled
    associations    what ties resources and targets to a share
    directory       the resource directory: folders and accounts
    sts             GetCallerIdentity, AssumeRole, AssumeRoleWithOIDC

A service module has

    SERVICE = "ECS"              for people
    VERSION = "2014-05-26"       as in x-acs-version
    ACTIONS = {"Name": function} function(world, params, request) -> the answer's members (a dict;
                                 RequestId is added), or raises Refusal.  It runs alone, under
                                 world.lock.  After a change it calls world.changed().
    UNSIGNED = {"Name"}          optional: calls that nobody signs
    begin()                      optional: {section: what it begins with}, see world.py

and is named in rpc.SERVICES; several modules may share one VERSION.  A door is described in doors.py.
"""
