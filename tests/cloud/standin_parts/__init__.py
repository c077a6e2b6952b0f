"""The parts of the stand-in of the cloud, one subject a file.

    server      sockets: reads a request, finds its door, bends the answer as the script says, logs
    exchange    Request, Answer, Refusal, Dropped: what the parts hand each other
    script      which rule of the script a request uses up
    faults      what the rules do
    world       everything the cloud remembers; the state file
    keys        who may sign: the invented credentials
    acs3        ACS3-HMAC-SHA256, checked with code of its own
    params      reading the parameters of a call
    doors       the kinds of requests, in the order in which they are tried
    rpc         the door of the calls of all services: version and action find a function
    images      the images that the account begins with
    ecs_share   ECS: DescribeImages, DescribeImageSharePermission, ModifyImageSharePermission

A service module has

    SERVICE = "ECS"              for people
    VERSION = "2014-05-26"       as in x-acs-version
    ACTIONS = {"Name": function} function(world, params, request) -> the answer's members (a dict;
                                 RequestId is added), or raises Refusal.  It runs alone, under
                                 world.lock.  After a change it calls world.changed().
    begin()                      optional: {section: what it begins with}, see world.py

and is named in rpc.SERVICES; several modules may share one VERSION.  A door is described in doors.py.
"""
