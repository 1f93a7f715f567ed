//! The Landlock rules: which files a program may use.

use landlock::{
    ABI, Access as _, AccessFs, BitFlags, CompatLevel, Compatible as _, LandlockStatus, PathBeneath, Ruleset,
    RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _, RulesetStatus, Scope,
};
use rustix::thread::{CapabilitySet, capabilities, set_capabilities};

use super::paths::{Permitted, Rights};

/// The oldest ABI of Landlock, which every kernel with Landlock supports.
const LEAST: ABI = ABI::V1;
/// The newest ABI of Landlock that is used, on kernels that support it.
const MOST: ABI = ABI::V6;

/// Whether the kernel has Landlock.
pub(super) fn is_available() -> bool {
    create().is_ok()
}

/// Creates a ruleset that allows nothing yet. Every kernel restricts files and the memory of other processes. Newer kernels also restrict
/// signals to other processes.
fn create() -> Result<RulesetCreated, String> {
    let rules = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    let rules = rules.handle_access(AccessFs::from_all(LEAST)).map_err(told)?;
    let rules = rules.set_compatibility(CompatLevel::BestEffort);
    let rules = rules.handle_access(AccessFs::from_all(MOST)).map_err(told)?;
    let rules = rules.scope(Scope::from_all(MOST)).map_err(told)?;
    rules.create().map_err(told)
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Confines this process, and every program that it executes or starts. They can then neither use other files than `permitted`, nor read the
/// memory or the environment variables of processes that are not confined with them.
///
/// # Errors
/// Returns an error if the kernel refuses it.
pub(super) fn apply(permitted: Vec<Permitted>) -> Result<(), String> {
    let mut rules = create()?;
    for Permitted { file, rights, is_folder } in permitted {
        let rights = access(rights);
        let rights = if is_folder { rights } else { rights & AccessFs::from_file(MOST) };
        rules = rules.add_rule(PathBeneath::new(file, rights)).map_err(told)?;
    }
    let status = rules.restrict_self().map_err(told)?;
    let is_there = matches!(status.landlock, LandlockStatus::Available { .. });
    match status.ruleset {
        RulesetStatus::NotEnforced => Err("the kernel does not enforce the rules".to_owned()),
        _ if !is_there || !status.no_new_privs => {
            Err("the kernel enforces only some of the rules".to_owned())
        }
        _ => Ok(()),
    }
}

fn access(rights: Rights) -> BitFlags<AccessFs> {
    // A program that can create a device file can read the whole disk.
    let devices = AccessFs::MakeBlock | AccessFs::MakeChar;
    match rights {
        Rights::List => AccessFs::ReadDir.into(),
        Rights::Read => AccessFs::ReadDir | AccessFs::ReadFile,
        Rights::Execute => AccessFs::ReadDir | AccessFs::ReadFile | AccessFs::Execute,
        Rights::Device => AccessFs::from_all(MOST) & !devices,
        Rights::All => AccessFs::from_all(MOST) & !devices & !AccessFs::IoctlDev,
    }
}

/// The capabilities of root for files, which a program of root keeps.
pub(super) const FOR_FILES: CapabilitySet = CapabilitySet::CHOWN
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::FSETID)
    .union(CapabilitySet::KILL)
    .union(CapabilitySet::NET_BIND_SERVICE)
    .union(CapabilitySet::SETGID)
    .union(CapabilitySet::SETUID);

/// No capability, for a program in quarantine.
pub(super) const NONE: CapabilitySet = CapabilitySet::empty();

/// Gives up all of root's capabilities except `kept`, and so the rights to load kernel modules, use disks and read other processes.
/// Executing another program does not restore these rights, because [`apply`] has set `no_new_privs`.
///
/// # Errors
/// Returns an error if the kernel refuses it.
pub(super) fn give_up_capabilities(kept: CapabilitySet) -> Result<(), String> {
    let mut sets = capabilities(None).map_err(told)?;
    for set in [&mut sets.effective, &mut sets.permitted, &mut sets.inheritable] {
        *set &= kept;
    }
    set_capabilities(None, sets).map_err(told)
}
