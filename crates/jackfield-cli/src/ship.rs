//! `jackfield ship`: makes packages with which other people can use a connector.
#![allow(clippy::print_stdout, reason = "this command prints what it wrote")]

mod cargo;
mod facts;
mod folder_payload;
mod package_folder;
mod program;
mod published;
mod tools;
mod variables;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstream::println;
use jackfield_build::ServedFolder;
use jackfield_build::model::visible_line;
use jackfield_clients::System;
use jackfield_ship::{Package, Packages, Payload, Shipment, packages};

use crate::paint::{self, BOLD, DIM};
use crate::spec::{Spec, spec_or_here};
use crate::{Failure, manifest_path};
use facts::Facts;
use package_folder::PackageFolder;
use program::Shipped;

/// The end of `jackfield ship --help`.
const MORE: &str = "\
Nothing is uploaded, and no stored credential is packaged. docs/shipping.md explains each package.

Examples:
  jackfield ship
  jackfield ship bookshop --registry-name io.github.acme/bookshop --crate
  jackfield ship bookshop --only mcpb,plugin --category books";

/// Arguments of `jackfield ship`.
#[derive(clap::Args, Debug)]
#[command(after_help = MORE)]
pub(crate) struct Arguments {
    /// The connector.toml or its folder: a crate, which is built, or a folder that `jackfield serve` serves
    /// [default: the connector.toml here]
    path: Option<PathBuf>,
    /// The folder for the packages; files of an earlier run that are not made again are removed
    #[arg(long, value_name = "DIR", default_value = "dist")]
    out: PathBuf,
    /// The packages to make [default: all]
    #[arg(long, value_enum, value_name = "PACKAGES", value_delimiter = ',')]
    only: Vec<Kind>,
    /// Ship connector.toml, the document and the lock with the program `jackfield`, even if the folder has a crate
    #[arg(long)]
    folder: bool,
    /// Ship this program, instead of building the crate or shipping this `jackfield`
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// The target for which the crate is built [default: the target of this machine, linked statically]
    #[arg(long, value_name = "TRIPLE", conflicts_with = "binary")]
    target: Option<String>,
    /// The folder in which users unpack the archive, for the entries of clients [default: /opt, or C:\Program Files]
    #[arg(long, value_name = "DIR", value_parser = absolute)]
    unpacked_in: Option<String>,
    #[command(flatten)]
    facts: facts::FactOptions,
    #[command(flatten)]
    published: published::PublishedOptions,
}

/// A kind of package.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The entry of the MCP Registry
    ServerJson,
    /// A bundle that desktop clients install
    Mcpb,
    /// A container image
    Oci,
    /// A plugin for Claude Code and Cowork
    Plugin,
    /// An archive with the program
    Bundle,
    /// Entries for the configuration files of clients, which start the program of the archive
    Clients,
}

/// Parses an absolute path of any operating system, because packages are for other machines.
fn absolute(text: &str) -> Result<String, String> {
    let is_drive = text.get(1..3).is_some_and(|rest| matches!(rest, ":\\" | ":/"));
    if (text.starts_with('/') || is_drive) && !text.contains(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err("it is not an absolute path, as in /opt".to_owned())
    }
}

impl Kind {
    const fn package(self) -> Package {
        match self {
            Self::ServerJson => Package::ServerJson,
            Self::Mcpb => Package::McpBundle,
            Self::Oci => Package::Image,
            Self::Plugin => Package::Plugin,
            Self::Bundle => Package::Archive,
            Self::Clients => Package::ClientEntries,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let manifest = arguments.manifest()?;
    let target = PackageFolder::open(&arguments.out)?;
    let folder = ServedFolder::open(&manifest)?;
    let modelled = folder.locked_model()?;
    let place = manifest_path::folder_of(&manifest);
    let package = match place.join("Cargo.toml").is_file() {
        // With `--folder`, Cargo may be missing. Then the facts of Cargo.toml come only from options.
        true if arguments.folder => cargo::Package::at(place).ok(),
        true => Some(cargo::Package::at(place)?),
        false => None,
    };
    let built = package.as_ref().filter(|_| !arguments.folder);
    let facts = Facts::of(&arguments.facts, package.as_ref(), &modelled.connector, place)?;
    let published = arguments.published.places(built, facts.registry_name.as_deref())?;
    let mut notes = facts.notes.clone();
    let mut kinds = arguments.kinds();
    let problem = problem_of_server_json(&facts, &published);
    leave_out(&mut kinds, arguments, (Kind::ServerJson, "server.json"), problem, &mut notes)?;
    if built.is_none()
        && let Some(path) = folder.handwritten_tools()
    {
        notes.push(format!(
            "the hand-written tools in {} are not shipped, because they have to be compiled",
            path.display()
        ));
    }
    let shipped = match built {
        Some(package) => {
            program::of_crate(package, arguments.binary.as_deref(), arguments.target.as_deref())?
        }
        None => program::of_folder(&folder, &manifest, &modelled, arguments.binary.as_deref())?,
    };
    let Shipped { payload, components } = shipped;
    let shipment = Shipment {
        name: modelled.connector.name.to_string(),
        title: facts.title,
        description: facts.description,
        version: facts.version,
        author: facts.author,
        license: facts.license,
        repository: facts.repository,
        homepage: facts.homepage,
        registry_name: facts.registry_name,
        category: facts.category,
        unpacked_in: arguments.unpacked_in.clone().unwrap_or_else(|| usual_folder(&payload).to_owned()),
        published,
        variables: variables::of(&modelled.connector, &mut notes),
        groups: tools::groups(&modelled, &mut notes),
        has_other_tools: built.is_some() && folder.handwritten_tools().is_some(),
        payload,
        components,
    };
    let problem = program::problem_of_image(&shipment.payload);
    leave_out(&mut kinds, arguments, (Kind::Oci, "container image"), problem, &mut notes)?;
    let mut made = packages(&shipment, &kinds).map_err(|error| Failure::Other(error.to_string()))?;
    made.notes.splice(0..0, notes);
    target.replace(&made.files)?;
    print(&shipment, &arguments.out, &made);
    Ok(ExitCode::SUCCESS)
}

impl Arguments {
    fn manifest(&self) -> Result<PathBuf, Failure> {
        match Spec::find(&spec_or_here(self.path.as_deref(), "ship")?, false, "ship")? {
            Spec::Manifest(path) => manifest_path::check(&path).map(|()| path),
            Spec::Document(_) | Spec::Given { .. } => Err(Failure::Other(
                "a document is not a connector yet. Make one, and ship its folder:\n\n  jackfield new openapi.yaml\n  jackfield ship bookshop\n"
                    .to_owned(),
            )),
        }
    }

    fn kinds(&self) -> Vec<Package> {
        match self.only.as_slice() {
            [] => Package::ALL.to_vec(),
            only => only.iter().map(|kind| kind.package()).collect(),
        }
    }
}

/// Returns the usual folder for programs that are not part of the operating system.
const fn usual_folder(payload: &Payload) -> &'static str {
    match payload.platform.system {
        System::Windows => "C:\\Program Files",
        System::Linux | System::MacOs => "/opt",
    }
}

/// Returns the option that is missing for an entry of the registry.
fn problem_of_server_json(facts: &Facts, published: &[jackfield_ship::Published]) -> Option<String> {
    let lacks = match (&facts.registry_name, published) {
        (None, _) => "a name in the MCP Registry, as in `--registry-name io.github.acme/bookshop`",
        (_, []) => {
            "a source from which clients can get the connector: --crate, --image REFERENCE or --bundle-url URL"
        }
        _ => return None,
    };
    Some(format!("server.json needs {lacks}"))
}

/// Leaves out a package that has a problem. Returns an error if the user asked for the package.
fn leave_out(
    kinds: &mut Vec<Package>,
    arguments: &Arguments,
    (kind, called): (Kind, &str),
    problem: Option<String>,
    notes: &mut Vec<String>,
) -> Result<(), Failure> {
    let Some(problem) = problem.filter(|_| kinds.contains(&kind.package())) else { return Ok(()) };
    if arguments.only.contains(&kind) {
        return Err(Failure::Other(problem));
    }
    kinds.retain(|known| *known != kind.package());
    notes.push(format!("no {called}: {problem}"));
    Ok(())
}

/// Suffixes or parts of the paths of packages, each with a text about the purpose of the package.
const PURPOSES: [(&str, &str); 7] = [
    ("server.json", "publish it in the MCP Registry: `mcp-publisher publish`"),
    (".mcpb", "open it with a desktop client"),
    ("image/", "an OCI image: `skopeo copy oci:image docker://REFERENCE` uploads it"),
    ("plugin/", "a plugin for Claude: `claude --plugin-dir plugin` tries it"),
    (".tar.gz", "unpack it and run the program in it"),
    ("clients/", "entries for the files of clients, which start the program of the archive"),
    ("SHA256SUMS", "the digests of all files"),
];

fn print(shipment: &Shipment, out: &Path, made: &Packages) {
    println!(
        "{BOLD}{} {} for {} in {}{BOLD:#}",
        shipment.name,
        visible_line(&shipment.version),
        shipment.payload.platform.label(),
        out.display()
    );
    let mut lines: Vec<(String, usize, &str)> = Vec::new();
    for file in &made.files {
        let (name, purpose) = match file.path.split_once('/') {
            Some((folder, _)) => (format!("{folder}/"), purpose(&format!("{folder}/"))),
            None => (file.path.clone(), purpose(&file.path)),
        };
        match lines.iter_mut().find(|(known, ..)| *known == name) {
            Some((_, size, _)) => *size += file.bytes.len(),
            None => lines.push((name, file.bytes.len(), purpose)),
        }
    }
    let width = lines.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
    for (name, size, purpose) in lines {
        println!("  {name:width$}  {:>8}  {DIM}{purpose}{DIM:#}", size_text(size));
    }
    println!("Nothing was uploaded.");
    made.notes.iter().for_each(|note| paint::note(note));
}

fn purpose(name: &str) -> &'static str {
    PURPOSES.iter().find(|(end, _)| name.ends_with(end)).map_or("", |(_, purpose)| purpose)
}

fn size_text(bytes: usize) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}
