//! Seccomp filters against local sockets, which Landlock cannot restrict before Linux 7.1, and against all sockets.

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
    applied(local)
}

/// Prevents this process, and every program that it executes or starts, from creating sockets of any kind, from leaving its process group,
/// and from using keys and shared memory of the user's other processes.
///
/// # Errors
/// Returns an error if the kernel refuses it.
pub(super) fn close_all() -> Result<(), String> {
    applied(|architecture| {
        let calls = [
            libc::SYS_socket,
            libc::SYS_io_uring_setup,
            libc::SYS_setsid,
            libc::SYS_setpgid,
            libc::SYS_add_key,
            libc::SYS_request_key,
            libc::SYS_keyctl,
            libc::SYS_shmget,
            libc::SYS_msgget,
            libc::SYS_semget,
        ];
        refusing(
            calls.into_iter().flat_map(everywhere).map(|call| (call, Vec::new())).collect(),
            architecture,
        )
    })
}

type Compiled = Result<BpfProgram, seccompiler::BackendError>;

fn applied(program: impl FnOnce(TargetArch) -> Compiled) -> Result<(), String> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
    let program = program(architecture).map_err(|error| error.to_string())?;
    seccompiler::apply_filter(&program).map_err(|error| error.to_string())
}

/// Returns the numbers of a system call.
fn everywhere(call: i64) -> [i64; 2] {
    [call, call | X32]
}

fn local(architecture: TargetArch) -> Compiled {
    let local = u64::try_from(libc::AF_UNIX).unwrap_or(1);
    let is_local = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, local)?;
    let mut rules = BTreeMap::new();
    // io_uring is refused too (below), because it creates sockets without this system call.
    for call in everywhere(libc::SYS_socket) {
        rules.insert(call, vec![SeccompRule::new(vec![is_local.clone()])?]);
    }
    for call in everywhere(libc::SYS_io_uring_setup) {
        rules.insert(call, Vec::new());
    }
    refusing(rules, architecture)
}

/// Returns a filter that refuses the system calls in `rules`.
fn refusing(rules: BTreeMap<i64, Vec<SeccompRule>>, architecture: TargetArch) -> Compiled {
    let refused = SeccompAction::Errno(u32::try_from(libc::EACCES).unwrap_or(13));
    SeccompFilter::new(rules, SeccompAction::Allow, refused, architecture)?.try_into()
}
