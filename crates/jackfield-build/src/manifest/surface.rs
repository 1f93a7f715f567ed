//! `surface` and `promote`: which tools clients see.

use jackfield_model::{SurfaceKind, nearest};
use toml::Spanned;

use super::refusal::Refusal;
use super::rules::RuleTable;

/// Returns the kind of the surface.
pub(super) fn kind(written: Option<Spanned<String>>) -> Result<SurfaceKind, Refusal> {
    let Some(written) = written else { return Ok(SurfaceKind::default()) };
    let text = written.get_ref();
    text.parse().map_err(|_| {
        let known = SurfaceKind::ALL.map(SurfaceKind::as_str);
        Refusal {
            span: written.span(),
            problem: format!("there is no value `{text}`"),
            help: match nearest(text, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("use one of `{}`", known.join("`, `")),
            },
        }
    })
}

/// Returns the selectors of promoted tools. They also apply to `--surface promoted`, whatever the default surface is.
pub(super) fn promoted(written: Vec<Spanned<String>>) -> Result<RuleTable<()>, Refusal> {
    let mut table = RuleTable::default();
    for entry in written {
        table.add(entry.get_ref(), entry.span(), ())?;
    }
    Ok(table)
}
