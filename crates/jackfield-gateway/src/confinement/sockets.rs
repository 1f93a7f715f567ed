//! A seccomp filter against local sockets, because Landlock cannot restrict local sockets before Linux 7.1.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch,
};

/// The bit that marks the number of a system call of the x32 ABI.
const X32: i64 = 0x4000_0000;

/// Prevents this process, and every program that it executes or starts, from creating local sockets. Through local sockets, other programs
/// could act for it: the service manager, the keyring, the container manager. Socket pairs are allowed, because they cannot connect to
/// another program.
///
/// # Errors
/// Returns an error if the kernel refuses it.
pub(super) fn close() -> Result<(), String> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
    let program = program(architecture).map_err(|error| error.to_string())?;
    seccompiler::apply_filter(&program).map_err(|error| error.to_string())
}

fn program(architecture: TargetArch) -> Result<BpfProgram, seccompiler::BackendError> {
    let local = u64::try_from(libc::AF_UNIX).unwrap_or(1);
    let is_local = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, local)?;
    let mut rules = BTreeMap::new();
    // io_uring is refused too (below), because it creates sockets without this system call.
    for call in [libc::SYS_socket, libc::SYS_socket | X32] {
        rules.insert(call, vec![SeccompRule::new(vec![is_local.clone()])?]);
    }
    for call in [libc::SYS_io_uring_setup, libc::SYS_io_uring_setup | X32] {
        rules.insert(call, Vec::new());
    }
    let refused = SeccompAction::Errno(u32::try_from(libc::EACCES).unwrap_or(13));
    SeccompFilter::new(rules, SeccompAction::Allow, refused, architecture)?.try_into()
}
