# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# An apt state of its own for packages of any architecture, which are downloaded and unpacked and never installed; the
# machine's own lists, cache, sources and architectures stay as they are.  Sourced, in the top directory of the tree, by a
# script that has functions say and die.
#
#   use_apt_state DIR ARCH    apt-get, apt-cache and apt-config work on DIR for ARCH (Debian's name of it) from now on
#   update_lists              gets the lists, unless they are less than an hour old

# The settings of the machine's apt that concern downloads (a proxy, say) are kept; its hooks are not, as they may
# clean the machine's own cache.
use_apt_state() {	# DIR ARCH
	local state=$1 arch=$2
	apt_state=$state
	mkdir -p "$state"/{lists,cache,sources}
	: >"$state/status"
	tests/vm/debian-sources >"$state/sources/debian.sources" || exit 1
	{
		apt-config dump --format '%f "%v";%n' Acquire
		cat <<-END
			APT::Architecture "$arch";
			APT::Architectures { "$arch"; };
			APT::Sandbox::User "root";
			Acquire::Languages "none";
			Dir::State "$state";
			Dir::State::lists "$state/lists";
			Dir::State::status "$state/status";
			Dir::Cache "$state/cache";
			Dir::Etc::sourcelist "/dev/null";
			Dir::Etc::sourceparts "$state/sources";
			Dir::Etc::preferences "/dev/null";
			Dir::Etc::preferencesparts "/dev/null";
			Dir::Etc::main "/dev/null";
			Dir::Etc::parts "/dev/null";
		END
	} >"$state/apt.conf"
	export APT_CONFIG=$state/apt.conf
}

# The lists are an hour old at most.  A suite that the mirror doesn't have (any more) is no reason to stop.
update_lists() {
	[ -z "$(find "$apt_state/updated" -mmin -60 2>/dev/null)" ] || return 0
	if apt-get update -qq >"$apt_state/update.log" 2>&1; then
		touch "$apt_state/updated"
	else
		say 'apt could not get all lists:'
		cat "$apt_state/update.log" >&2
	fi
}
