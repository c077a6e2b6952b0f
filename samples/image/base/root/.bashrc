# ~/.bashrc
PS1="\u@\h:\w\$ "
