//! The user that runs programs in quarantine.

use std::io;

use rustix::process::{Gid, Uid, geteuid};
use rustix::thread::{
    CapabilitiesSecureBits, CapabilitySet, CapabilitySets, configure_capability_in_ambient_set,
    set_capabilities, set_capabilities_secure_bits, set_thread_groups, set_thread_res_gid,
    set_thread_res_uid,
};

/// The user without rights, which every system has. The kernel limits the number of processes of every user except root.
const NOBODY: u32 = 65534;

/// The capability with which this user can enter the folders of the package, which only root may enter. The rules of Landlock say which
/// files it can use.
const KEPT: CapabilitySet = CapabilitySet::DAC_OVERRIDE;

/// Returns the id of the user that runs programs in quarantine: the user of the gateway, if it is not root.
pub(super) fn id() -> u32 {
    let own = geteuid();
    if own.is_root() { NOBODY } else { own.as_raw() }
}

/// Makes this process one of that user, and gives up all capabilities except `KEPT`. Without root, it gives up all.
///
/// # Errors
/// Returns an error if the kernel refuses it.
pub(super) fn leave_root() -> io::Result<()> {
    if !geteuid().is_root() {
        set_capabilities(
            None,
            CapabilitySets {
                effective: CapabilitySet::empty(),
                permitted: CapabilitySet::empty(),
                inheritable: CapabilitySet::empty(),
            },
        )?;
        return Ok(());
    }
    let (user, group) = (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY));
    // The capability is not lost with the change of the user, and counts also when a program asks whether it may use a file (`access`).
    set_capabilities_secure_bits(CapabilitiesSecureBits::NO_SETUID_FIXUP)?;
    // This process has one thread, so its thread is all of it.
    set_thread_groups(&[])?;
    set_thread_res_gid(group, group, group)?;
    set_thread_res_uid(user, user, user)?;
    set_capabilities(None, CapabilitySets { effective: KEPT, permitted: KEPT, inheritable: KEPT })?;
    // The program that is executed gets it, too.
    configure_capability_in_ambient_set(KEPT, true)?;
    Ok(())
}
