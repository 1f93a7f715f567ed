//! The command of a connector whose program is in a fetched package.

use super::fault::PackageFault;
use super::store::verified;
use crate::config::ChildCommand;

/// Returns the command that starts a connector's program. The files of a package are compared with the digest in gateway.toml first,
/// which reads all of them.
///
/// # Errors
/// Returns an error if the package was not fetched, or if its files have changed.
pub(crate) fn ready(command: &ChildCommand) -> Result<ChildCommand, PackageFault> {
    let Some(pin) = &command.package else { return Ok(command.clone()) };
    let package = verified(pin)?;
    let odd = || PackageFault::at(&package.tree, "its path is not UTF-8");
    let start = package.record.start.at(&package.tree).ok_or_else(odd)?;
    let mut ready = command.clone();
    ready.program = start.program;
    ready.arguments = start.arguments.into_iter().chain(ready.arguments).collect();
    // A variable that gateway.toml sets replaces one of the package.
    ready.variables = start.variables.into_iter().chain(ready.variables).collect();
    // The rest of the state stays closed to the program, and the package cannot change itself.
    ready.confinement.readable.push(package.tree);
    Ok(ready)
}
