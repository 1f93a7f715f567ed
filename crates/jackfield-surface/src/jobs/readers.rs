//! The operations that may read the status of a job.

use std::cell::OnceCell;

use jackfield_model::{ArgName, Connector, Defs, Effect, Input, JobReader, Operation, Reply, Step, ToolName};

use super::values::{flat, result_of, state_of};
use crate::paging::replied::{Property, Replied, successful};

/// The last words of path segments that name collections of jobs.
const COLLECTIONS: [&str; 10] =
    ["jobs", "operations", "tasks", "executions", "runs", "processes", "job", "operation", "task", "queue"];

/// The tool that reads the status of a job, and where its replies contain the state and the result.
pub(super) struct Read {
    pub(super) id: String,
    pub(super) reader: JobReader,
    pub(super) state: Option<String>,
    pub(super) result: Option<String>,
}

/// The operations that may read the status of a job.
pub(super) struct Readers<'c>(Vec<Reader<'c>>);

struct Reader<'c> {
    operation: &'c Operation,
    tool: &'c ToolName,
    /// The variable of the last segment of the path.
    variable: &'c str,
    argument: ArgName,
    /// The collection that the segment before the variable names, if it names one.
    collection: Option<Collection>,
    received: &'c Defs,
    /// The JSON pointers to the state and the result in the replies. They are computed when they are first needed,
    /// because most readers never need them.
    values: OnceCell<Values>,
}

/// The name of a collection.
struct Collection {
    word: String,
    singular: String,
    is_of_jobs: bool,
}

impl Collection {
    fn of(operation: &Operation) -> Option<Self> {
        let mut segments = operation.path.rsplit('/').skip(1);
        let word = flat(segments.find(|segment| !segment.contains('{') && !segment.is_empty())?);
        let is_of_jobs = COLLECTIONS.iter().any(|known| word.ends_with(known));
        let singular = word
            .strip_suffix("ies")
            .map_or_else(|| word.strip_suffix('s').unwrap_or(&word).to_owned(), |stem| format!("{stem}y"));
        Some(Self { word, singular, is_of_jobs })
    }
}

/// A property of a response body that may contain the identifier of a job. Its name, and the names before it
/// in the path, are each one word.
struct Identifier<'r, 's> {
    property: &'r Property<'s>,
    name: String,
    before: String,
}

impl<'r, 's> Identifier<'r, 's> {
    fn of(property: &'r Property<'s>) -> Option<Self> {
        let may_identify = property.path.len() <= 2
            && !property.is_address
            && matches!(property.kind, None | Some("string" | "integer"));
        let (name, before) = (property.leaf.concat(), property.before.concat());
        may_identify.then_some(Self { property, name, before })
    }
}

/// The JSON pointers to the state and to the result in the replies of a reader.
#[derive(Default)]
struct Values {
    state: Option<String>,
    result: Option<String>,
}

/// Whether a successful reply is a long-running operation object with `name` and `done`.
pub(super) fn is_operation(replies: &[Reply], received: &Defs) -> bool {
    if !["name", "done"].iter().all(|name| Replied::may_have(replies, received, name)) {
        return false;
    }
    let Some(replied) = Replied::of(replies, received) else { return false };
    let is_top = |property: &Property<'_>, name: &str| property.path == [name];
    replied.properties.iter().any(|property| is_top(property, "name"))
        && replied.flags.iter().any(|property| is_top(property, "done"))
        && replied
            .properties
            .iter()
            .any(|property| matches!(property.path.first(), Some(&"error" | &"response")))
}

impl<'c> Readers<'c> {
    pub(super) fn of(connector: &'c Connector, names: &'c [ToolName], received: &'c Defs) -> Self {
        let named = connector.operations().zip(names);
        Self(named.filter_map(|(operation, tool)| Reader::of(operation, tool, received)).collect())
    }

    /// Finds the operation that a Link Object names. The link passes the value at `pointer` to its parameter.
    pub(super) fn by_link(
        &self,
        operation: &Operation,
        target: &str,
        parameter: &str,
        pointer: &str,
    ) -> Option<Read> {
        let is_target = |reader: &&Reader<'_>| {
            let is_named = reader.operation.id.as_ref().is_some_and(|id| id.as_str() == target);
            (is_named || reader.operation.route() == target)
                && reader.variable == parameter
                && reader.takes_only_arguments_of(operation)
        };
        self.0.iter().find(is_target).map(|reader| reader.read(pointer.to_owned()))
    }

    /// Finds the operation whose path variable takes an identifier of the response body.
    pub(super) fn by_body(&self, operation: &Operation, replied: &Replied<'_>) -> Option<Read> {
        let usable = self.0.iter().filter(|reader| reader.takes_only_arguments_of(operation));
        let identifiers: Vec<Identifier<'_, '_>> =
            replied.properties.iter().filter_map(Identifier::of).collect();
        let fits = usable.flat_map(|reader| {
            let scored = identifiers.iter();
            scored.filter_map(move |it| Some((reader.score(operation, it)?, reader, it.property)))
        });
        let fits = fits.filter(|(_, reader, _)| reader.values().state.is_some());
        let mut fits: Vec<_> = fits.collect();
        let best = fits.iter().map(|(score, ..)| *score).max()?;
        fits.retain(|(score, ..)| *score == best);
        // If several operations are equally suitable, none is chosen. If several values suit one operation, the value that is nearest to
        // the root of the body is chosen.
        let (_, reader, property) = fits.first()?;
        let is_alone = fits.iter().all(|(_, other, _)| std::ptr::eq(*other, *reader));
        is_alone.then(|| reader.read(property.pointer()))
    }

    /// Finds the operation that reads the status of long-running operation objects (with `name` and `done`), because it returns them.
    pub(super) fn of_operations(&self, operation: &Operation) -> Option<Read> {
        let usable = self.0.iter().filter(|reader| {
            reader.takes_only_arguments_of(operation)
                && is_operation(&reader.operation.replies, reader.received)
        });
        let mut usable: Vec<_> = usable.collect();
        usable.sort_by_key(|reader| reader.operation.path.len());
        let found = match usable.as_slice() {
            [only] => only,
            [first, second, ..] if first.operation.path.len() < second.operation.path.len() => first,
            _ => return None,
        };
        let state = Some("/done".to_owned());
        Some(Read { state, result: Some("/response".to_owned()), ..found.read("/name".to_owned()) })
    }
}

impl<'c> Reader<'c> {
    fn of(operation: &'c Operation, tool: &'c ToolName, received: &'c Defs) -> Option<Self> {
        if operation.method.as_str() != "GET" || operation.effect != Effect::Read {
            return None;
        }
        let last = operation.path.split('?').next()?.rsplit('/').next()?;
        let start = last.find('{')?;
        let variable = last[start + 1..].split('}').next()?;
        let argument = paths(operation).find(|(wire, _)| *wire == variable).map(|(_, argument)| argument)?;
        let argument = ArgName::new(argument).ok()?;
        successful(&operation.replies)?;
        let collection = Collection::of(operation);
        Some(Self { operation, tool, variable, argument, collection, received, values: OnceCell::new() })
    }

    fn values(&self) -> &Values {
        self.values.get_or_init(|| {
            let replied = Replied::of(&self.operation.replies, self.received);
            replied.map_or_else(Values::default, |replied| Values {
                state: state_of(&replied),
                result: result_of(&replied),
            })
        })
    }

    fn read(&self, id: String) -> Read {
        let reader = JobReader { tool: self.tool.clone(), argument: self.argument.clone() };
        let Values { state, result } = self.values();
        Read { id, reader, state: state.clone(), result: result.clone() }
    }

    /// Whether the reader requires no arguments except the identifier and arguments that the starting operation
    /// requires too.
    fn takes_only_arguments_of(&self, operation: &Operation) -> bool {
        let is_shared = |name: &ArgName| {
            paths(operation).any(|(_, argument)| argument == name.as_str())
                || operation.args.iter().any(|arg| arg.required && arg.name == *name)
        };
        let mut required = self.operation.args.iter().filter(|arg| arg.required && arg.name != self.argument);
        required.all(|arg| is_shared(&arg.name))
    }

    /// Rates how well a value of the operation's response body fits as the identifier. `None` if it does not fit.
    fn score(&self, operation: &Operation, identifier: &Identifier<'_, '_>) -> Option<u8> {
        let Collection { word, singular, is_of_jobs } = self.collection.as_ref()?;
        let Identifier { name, before, property: _ } = identifier;
        let is_of_jobs = *is_of_jobs;
        let is_own = self.operation.path.rsplit_once('/').is_some_and(|(path, _)| path == operation.path);
        let is_plain = matches!(&**name, "id" | "uuid" | "guid" | "identifier");
        if is_plain {
            let is_inner = !before.is_empty() && (before == singular || before == word);
            return match (before.is_empty(), is_own, is_of_jobs) {
                (false, ..) if is_inner && (is_own || is_of_jobs) => Some(3),
                (true, true, _) => Some(2),
                (true, false, true) => Some(1),
                _ => None,
            };
        }
        let rest = name.strip_prefix(singular.as_str());
        let is_variable = || *name == flat(self.variable) && !matches!(&**name, "name" | "key" | "slug");
        let is_named = || matches!(rest, Some("id" | "uuid")) || is_variable();
        let is_likely = is_own || is_of_jobs || name.ends_with("id");
        (is_likely && is_named()).then_some(if is_of_jobs { 4 } else { 3 })
    }
}

/// Returns the variables of a path with the names of their arguments.
fn paths(operation: &Operation) -> impl Iterator<Item = (&str, &str)> {
    operation.recipe.iter().filter_map(|step| match step {
        Step::Path { wire, input: Input::Arg { arg, .. }, .. } => Some((wire.as_str(), arg.as_str())),
        _ => None,
    })
}
