//! An archive for people who start a connector themselves.

use std::borrow::Cow;

use jackfield_model::shell_quoted;

use crate::error::ShipError;
use crate::file::PackageFile;
use crate::markdown::plain;
use crate::shipment::Shipment;
use crate::tar::{Owner, Tar};

/// Packs the archive.
///
/// # Errors
/// Returns an error if a file does not fit into the archive format.
pub(crate) fn archive(shipment: &Shipment, more: &[&PackageFile]) -> Result<Vec<u8>, ShipError> {
    let root = format!("{}-{}", shipment.name, shipment.version);
    let readme = PackageFile::data("README.md", readme(shipment));
    let mut files: Vec<&PackageFile> =
        shipment.payload.files.iter().chain(more.iter().copied()).chain([&readme]).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut tar = Tar::new();
    tar.folder(&root, 0o755, Owner::Root)?;
    for file in files {
        tar.file(&format!("{root}/{}", file.path), file)?;
    }
    Ok(tar.finish().gzip)
}

fn readme(shipment: &Shipment) -> String {
    let command = std::iter::once(format!("./{}", shipment.payload.program));
    let command: Vec<String> = command.chain(shipment.payload.arguments_in("")).collect();
    let command: Vec<Cow<'_, str>> = command.iter().map(|word| shell_quoted(word)).collect();
    let command = command.join(" ");
    let mut text = format!(
        "# {}\n\n{}\n\nThis folder is an MCP server for {}. It needs no installation:\n\n\
         ```sh\n{command} tools                    # lists the tools\n\
         {command} auth set                 # stores a credential\n\
         {command} config cursor --write    # adds the server to the file of a client\n\
         {command} help                     # lists the commands\n\
         {command}                          # serves an MCP client over stdin and stdout\n```\n",
        plain(&shipment.title, 80),
        plain(&shipment.description, 400),
        shipment.payload.platform.label(),
    );
    if !shipment.variables.is_empty() {
        text.push_str("\n| variable | meaning |\n|---|---|\n");
    }
    for variable in &shipment.variables {
        let need = if variable.is_required { ", required" } else { "" };
        text.push_str(&format!("| `{}` | {}{need} |\n", variable.name, plain(&variable.description, 200)));
    }
    text
}
