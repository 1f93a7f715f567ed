//! The model that is served: without the parts that differ from jackfield.lock (ADR 0064).

use std::collections::BTreeSet;

use jackfield_codegen::{LOCK_FILE, Lock, LockChanges, Unaccepted, UnacceptedTool};
use jackfield_model::{Code, Destinations, Diagnostic, ToolName};

use crate::error::Error;
use crate::pipeline::{Job, model_of};
use crate::report::Modelled;

/// A model that can be served, and the parts that are withheld from it.
pub struct ServedModel {
    /// The model without the withheld parts.
    pub modelled: Modelled,
    /// The withheld parts, and the command that accepts them.
    pub withheld: Withheld,
}

/// The parts of a connector that are withheld, because they differ from jackfield.lock.
#[derive(Clone, Debug, Default)]
pub struct Withheld {
    /// The withheld tools, in the order of the connector.
    pub tools: Vec<UnacceptedTool>,
    /// Whether title and descriptions of the document and its tags are withheld.
    pub texts: bool,
    /// Whether the instructions in connector.toml are withheld.
    pub instructions: bool,
    /// The names of the withheld prompts, in the order of the connector.
    pub prompts: Vec<String>,
    /// Whether the pages about the connector are withheld.
    pub documentation: bool,
    /// All differences from the lock. None without a lock.
    pub changes: Option<LockChanges>,
    /// The command that accepts the differences.
    pub command: String,
}

impl Withheld {
    /// Whether nothing is withheld.
    pub const fn is_empty(&self) -> bool {
        let Self { tools, texts, instructions, prompts, documentation, changes: _, command: _ } = self;
        tools.is_empty() && !*texts && !*instructions && prompts.is_empty() && !*documentation
    }

    /// Returns the remedy: the commands that accept and that show the differences.
    pub fn remedy(&self) -> String {
        let command = &self.command;
        format!("to accept the changes, run `{command}`; to see them first, run `{command} --check --report`")
    }
}

/// Reads the document, and withholds what differs from the lock beside connector.toml. Without a lock, nothing is withheld.
///
/// # Errors
/// Returns the errors of [`model_of`], and an error if another version of Jackfield wrote the lock, because the
/// digests in such a lock cannot be compared.
pub fn served_model_of(job: &Job) -> Result<ServedModel, Error> {
    let mut modelled = model_of(&job.clone().telling_added_origins())?;
    let Some(lock) = modelled.lock.lock.clone() else {
        return Ok(ServedModel { modelled, withheld: Withheld::default() });
    };
    if !lock.has_comparable_digests() {
        return Err(Error::plain(incomparable(&modelled.lock.command)));
    }
    let (unaccepted, withheld) = modelled.compared(&lock);
    modelled.withhold(&unaccepted);
    refuse_added(job, &lock, &modelled)?;
    Ok(ServedModel { modelled, withheld })
}

/// Creates the error about a lock that another version of Jackfield wrote.
pub(crate) fn incomparable(command: &str) -> Diagnostic {
    let problem = format!("{LOCK_FILE} was written by another version of Jackfield");
    Diagnostic::error(Code::LockDrift, None, problem)
        .so("nothing is served, because the tools cannot be compared with the accepted tools")
        .help(format!("review the document, and run `{command}`"))
}

/// Checks that the remaining model reaches only origins that the lock lists or the user named.
fn refuse_added(job: &Job, lock: &Lock, modelled: &Modelled) -> Result<(), Error> {
    let allowed = job.manifest.named_origins();
    let added = lock.added(&Destinations::of(&modelled.connector), &allowed);
    if added.is_empty() { Ok(()) } else { Err(Error::plain(job.lock.refusal(&added))) }
}

impl Modelled {
    /// Returns the tools that `jackfield serve` would withhold. Returns no tools if there is no lock, or if its digests cannot be compared.
    pub fn withheld(&self) -> Withheld {
        let lock = self.lock.lock.as_ref().filter(|lock| lock.has_comparable_digests());
        lock.map(|lock| self.compared(lock).1).unwrap_or_default()
    }

    pub(crate) fn compared(&self, lock: &Lock) -> (Unaccepted, Withheld) {
        let made = self.lock_text();
        let unaccepted = Unaccepted::between(lock.text(), &made, &self.connector, &self.surface());
        let Unaccepted { tools, texts, instructions, prompts, documentation, schemes: _, servers: _ } =
            unaccepted.clone();
        let changes = Some(LockChanges::between(lock.text(), &made));
        let command = self.lock.command.clone();
        (unaccepted, Withheld { tools, texts, instructions, prompts, documentation, changes, command })
    }

    /// Removes the parts that are not accepted, with the schemas and schemes that only they need.
    pub(crate) fn withhold(&mut self, unaccepted: &Unaccepted) {
        let withheld: BTreeSet<&ToolName> = unaccepted.tools.iter().map(|tool| &tool.name).collect();
        let connector = &mut self.connector;
        let mut names = self.names.iter();
        for group in &mut connector.groups {
            group
                .operations
                .retain(|_| names.next().is_some_and(|chosen| !withheld.contains(chosen.called())));
        }
        connector.groups.retain(|group| !group.operations.is_empty());
        connector.merges.retain(|merge| !withheld.contains(&merge.name));
        self.names.retain(|chosen| !withheld.contains(chosen.called()));
        connector
            .prompts
            .retain(|prompt| !unaccepted.prompts.iter().any(|name| name == prompt.name.as_str()));
        connector.documentation &= !unaccepted.documentation;
        if unaccepted.servers {
            connector.servers.clear();
        }
        if unaccepted.texts {
            connector.title.clear();
            connector.description.clear();
            connector.groups.iter_mut().for_each(|group| group.description.clear());
        }
        if unaccepted.instructions {
            connector.instructions.clear();
            // Without instructions, clients would get the description, which the user has replaced.
            connector.description.clear();
        }
        if !withheld.is_empty() {
            // Schemes that no served tool needs stay too. Without them, the variables of the needed schemes could have other names.
            let mut schemes = std::mem::take(&mut connector.schemes);
            schemes.retain(|scheme| !unaccepted.schemes.contains(&scheme.name));
            jackfield_surface::prune(connector);
            connector.schemes = schemes;
        }
    }
}
