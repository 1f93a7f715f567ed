//! Prints operation models as a Rust connector: model in, an in-memory tree of files out.
//!
//! Names are decided once ([`Surface`]), then emission is a pure function of model and names. What is generated is
//! boring on purpose: one flat row and one sync function per operation, no generics, no derives, no macros.

mod digest;
mod emit;
mod files;
mod lock;
mod names;
mod prune;
mod render;
mod scaffold;

pub use digest::Digest;
pub use emit::{accept, input_schema};
pub use files::{File, Files, Owner};
pub use names::{NamedTool, Renames, Surface, ToolGroup};
pub use prune::prune;
pub use scaffold::{Runtime, Scaffold, Surroundings};

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use jackfield_model::Connector;

/// Where the generated files will lie, which decides how the index names the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// In `src/generated` of a crate: `pub mod books;`
    Crate,
    /// In a folder of `OUT_DIR`, reached by `include!`.
    OutDir {
        /// The folder's name in `OUT_DIR`.
        folder: String,
    },
}

/// What the header of every generated file says of its origin.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The document's file name, without its folder.
    pub document: String,
    /// The digest of everything that was read.
    pub digest: Digest,
}

/// Prints everything the generator owns: the index, a file per group, the schema pool and the lock.
///
/// Groups are printed side by side, as many as the machine has cores; what comes out is the same in any order.
pub fn generate(connector: &Connector, surface: &Surface<'_>, origin: &Origin, layout: &Layout) -> Files {
    let folder = match layout {
        Layout::Crate => "src/generated/",
        Layout::OutDir { .. } => "",
    };
    let header = render::header(&origin.document);
    let send = &connector.pool.send;
    let pool: BTreeMap<&str, String> =
        send.iter().map(|(name, schema)| (name.as_str(), emit::print_json(schema.as_value()))).collect();
    let digests: lock::PoolDigests<'_> =
        pool.iter().map(|(name, text)| (*name, Digest::of([text.as_bytes()]))).collect();
    let group = |group: &ToolGroup<'_>| {
        let inputs: Vec<String> = group.tools.iter().map(|tool| emit::input_text(tool.operation)).collect();
        let lines =
            group.tools.iter().zip(&inputs).map(|(tool, input)| lock::line(connector, tool, input, &digests));
        let lines: Vec<String> = lines.collect();
        Printed {
            name: group.module.to_string(),
            text: render::render(&header, emit::group(group, &inputs)),
            lines,
        }
    };
    let single = |name: &str, tokens| Printed {
        name: name.to_owned(),
        text: render::render(&header, tokens),
        lines: Vec::new(),
    };
    let mut jobs: Vec<Job<'_>> = vec![Box::new(|| single("schemas", emit::schemas(&pool)))];
    jobs.extend(surface.groups.iter().map(|one| -> Job<'_> { Box::new(move || group(one)) }));
    jobs.push(Box::new(|| single("mod", emit::index(connector, surface, origin, layout))));
    let mut files = Files::default();
    let mut lines = Vec::new();
    for printed in side_by_side(&jobs) {
        files.add(format!("{folder}{}.rs", printed.name), Owner::Generator, printed.text);
        lines.extend(printed.lines);
    }
    files.add("jackfield.lock".to_owned(), Owner::Generator, lock::lock(lines));
    files
}

/// A file, and the lock's lines about the tools in it.
struct Printed {
    name: String,
    text: String,
    lines: Vec<String>,
}

type Job<'m> = Box<dyn Fn() -> Printed + Send + Sync + 'm>;

/// Does the jobs on all cores.
fn side_by_side<'m>(jobs: &[Job<'m>]) -> Vec<Printed> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push(job());
        }
        done
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(jobs.len());
    std::thread::scope(|scope| {
        let helpers: Vec<_> = (1..cores).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for helper in helpers {
            done.extend(helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    })
}
