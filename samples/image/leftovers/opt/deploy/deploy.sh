#!/bin/sh
# Fetch the shop's latest build and install it.
set -eu
GITHUB_TOKEN=ghp_Inv3ntedD3mo0Tok3nF0rImgv3tOnly00000
git clone "https://x-access-token:$GITHUB_TOKEN@github.com/sampleix-invented/shop" /opt/shop
