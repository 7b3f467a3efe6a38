#!/usr/bin/perl
# SPDX-License-Identifier: MIT
#
# Prints TCP_KEEPIDLE of a socket of its own, under whatever name it is run.
use Socket;
socket(my $socket, PF_INET, SOCK_STREAM, 0) or die;
print unpack('i', getsockopt($socket, 6, 4)), "\n";
