#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Run the tests (TAP) and close with "N passed, N failed[, N skipped]".
#
#   BUILD=build perl tests/run.pl [TEST...]
#
# TEST: a piece of a path, such as ledger/ or test_gate; or --quick: the unit tests and
# the command line's, without those that start the guest's kernel or talk to a cloud.
# JOBS tests run at once, by default one per processor; the slowest begin first, as
# far as the last run in that build folder told.
#
# A test is a C program of tests/unit/ROOM/ or tests/fuzz as built, or an executable
# script tests/*/test_*.sh or tests/*/test_*.py.  Each gets BUILD, IMGVET (the
# program), TOP (the checkout), and TMPDIR: a folder of its own, removed afterwards.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use TAP::Harness;
use Time::HiRes qw(time);

my $top = abs_path('.');
my $build = abs_path($ENV{BUILD} // 'build');
my $python = $ENV{PYTHON} // '/usr/bin/python3';
# By their sources: what a build folder still has of an older day is not run.
my %source = map { (s{^tests/(?:unit|fuzz)/(.*)\.c$}{$build/tests/$1}r) => $_ }
	glob('tests/unit/*/test_*.c tests/unit/*/*/test_*.c tests/fuzz/fuzz_*.c');
$source{$_} = $_ for glob('tests/*/test_*.sh tests/*/test_*.py');
my @all = sort keys %source;
my @tests = grep { wanted($_) } @all;
die "no test matches: @ARGV\n" unless @tests;
-x $_ or die "$_: not built, or not executable\n" for @tests;

$ENV{BUILD} = $build;
$ENV{TOP} = $top;
$ENV{IMGVET} = "$build/imgvet";
$ENV{PYTHON} = $python;
$ENV{LC_ALL} = 'C.UTF-8';
$ENV{LIBGUESTFS_BACKEND} //= 'direct';
$ENV{ASAN_OPTIONS} //= 'detect_leaks=1:abort_on_error=0:allocator_may_return_null=1';
$ENV{UBSAN_OPTIONS} //= 'print_stacktrace=1';
$ENV{LSAN_OPTIONS} //= "suppressions=$top/tests/lsan.supp:print_suppressions=0";
$ENV{TSAN_OPTIONS} //= "suppressions=$top/tests/threads/tsan.supp:print_suppressions=0:second_deadlock_stack=1:exitcode=66";
# GLib's own allocator has locks that ThreadSanitizer does not see.
$ENV{G_SLICE} //= 'always-malloc' if ($ENV{SAN} // '') =~ /thread/;
# A test never sees the user's keys, clearances or ledger.
my $home = tempdir('imgvet-tests-XXXXXX', TMPDIR => 1, CLEANUP => 1);
chmod 0711, $home; # some tests go on as nobody
$ENV{HOME} = $home;
delete @ENV{grep { /^(XDG_|IMGVET_|ALIBABA|ALICLOUD)/ } keys %ENV};
my $number = 0;
my $times = "$build/test-times";
my %seconds = read_times();
@tests = sort { expected($b) <=> expected($a) || $a cmp $b } @tests;

my $harness = TAP::Harness->new({
	jobs => $ENV{JOBS} || processors(),
	timer => 0,
	verbosity => -1,
	failures => 1,
	merge => 0,
	exec => sub {
		my ($h, $test) = @_;
		my $tmp = "$home/" . ++$number;
		mkdir $tmp;
		chmod 01777, $tmp;
		my @run = $test =~ /\.py$/ ? ($python, $test)
			: $test =~ /\.sh$/ ? ('bash', $test)
			: ($test, '--tap');
		my $limit = $ENV{TEST_SECONDS} // 600;
		# GLib answers a failed assertion with "Bail out!", which would end the whole
		# run: to us it is one failed test of a program that then ends badly.
		return ['bash', '-c', 'set -o pipefail; "$@" | sed -u "s/^Bail out!/not ok - bailed out:/"', '-',
			'env', "TMPDIR=$tmp", "HOME=$tmp", 'timeout', '-k', '10', $limit, @run];
	},
});
my $sum = $harness->runtests(@tests);
my ($passed, $failed, $skipped) = (scalar $sum->passed, scalar $sum->failed, scalar $sum->skipped);
for my $test ($sum->descriptions) {
	my ($parser) = $sum->parsers($test);
	$seconds{$source{$test}} = $parser->end_time - $parser->start_time;
}
write_times();
slowest($sum->descriptions);
# A program that died, or broke its plan, counts as a failure of its own.
for my $test ($sum->descriptions) {
	my ($parser) = $sum->parsers($test);
	my $bad = $parser->exit || $parser->wait || scalar $parser->parse_errors;
	$failed++ if $bad && !$parser->failed;
	print "# $test: skipped whole: ", $parser->skip_all, "\n" if $parser->skip_all;
	$skipped++ if $parser->skip_all;
}
$passed -= $skipped if $passed >= $skipped && $skipped;
print "$passed passed, $failed failed", ($skipped ? ", $skipped skipped" : ''), "\n";
exit($failed ? 1 : 0);

sub wanted {
	my ($test) = @_;
	return 1 unless @ARGV;
	return grep { $_ eq '--quick' ? quick($test) : index($test, $_) >= 0 || index($source{$test}, $_) >= 0 } @ARGV;
}

# What needs the guest or the stand-in of the cloud calls it by name.
sub quick {
	my ($test) = @_;
	return 0 unless $source{$test} =~ m{^tests/(?:unit|cli|house)/};
	open my $file, '<', $source{$test} or die "$source{$test}: $!\n";
	local $/;
	return <$file> !~ /--reader[ =]guest|iv_guest_|standin/;
}

# Seconds; where no run has told yet, whatever starts the guest or talks to a cloud is slow.
sub expected {
	my ($test) = @_;
	return $seconds{$source{$test}} // ($test =~ m{/?(?:images|cloud|fault)/test_|/fs/test_(?:guest|agree)$} ? 40 : 5);
}

sub processors {
	my $n = `nproc`;
	return $n =~ /^(\d+)/ && $1 > 0 ? $1 : 1;
}

sub read_times {
	open my $file, '<', $times or return;
	return map { /^([\d.]+) (.+)$/ ? ($2, $1) : () } <$file>;
}

sub write_times {
	open my $file, '>', "$times.new" or return;
	printf $file "%.1f %s\n", $seconds{$_}, $_ for sort keys %seconds;
	close $file and rename "$times.new", $times;
}

sub slowest {
	my @slow = sort { $seconds{$source{$b}} <=> $seconds{$source{$a}} } @_;
	splice @slow, 10 if @slow > 10;
	print "the slowest, in seconds:\n" if @slow > 1;
	printf "%7.1f  %s\n", $seconds{$source{$_}}, $source{$_} for @slow > 1 ? @slow : ();
}
