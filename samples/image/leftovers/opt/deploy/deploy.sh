#!/bin/sh
# Fetch the shop's latest build and install it.
set -eu
export GITHUB_TOKEN=ghp_Inv3ntedD3mo0Tok3nF0rImgv3tOnly00000
git clone https://deploy:Inv3nted-Frost50@git.build.example/shop /opt/shop
