//! A filter of system calls, because Landlock cannot keep a program from local sockets before Linux 7.1.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch,
};

/// The bit in the number of a system call that is made in the way of x32.
const X32: i64 = 0x4000_0000;

/// Keeps this process, and every program that it becomes or starts, from making local sockets. Behind these are programs that would act
/// for it: the manager of services, the keyring, the manager of containers. Pairs of sockets can be made, because they lead nowhere.
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
    // The queues of io_uring make sockets without this system call.
    for call in [libc::SYS_socket, libc::SYS_socket | X32] {
        rules.insert(call, vec![SeccompRule::new(vec![is_local.clone()])?]);
    }
    for call in [libc::SYS_io_uring_setup, libc::SYS_io_uring_setup | X32] {
        rules.insert(call, Vec::new());
    }
    let refused = SeccompAction::Errno(u32::try_from(libc::EACCES).unwrap_or(13));
    SeccompFilter::new(rules, SeccompAction::Allow, refused, architecture)?.try_into()
}
