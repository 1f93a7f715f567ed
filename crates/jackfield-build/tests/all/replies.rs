//! `[replies]` and `[jobs]`: rules for the replies of tools, and for the jobs that tools start.

use crate::generating::{connector_row, generated, shop_document};
use jackfield_build::Error;

const DOCUMENT: &str = shop_document!(
    "\
paths:
  /books:
    get: { operationId: listBooks, responses: { '200': { description: They. } } }
    post: { operationId: createBook, responses: { '200': { description: It. } } }
"
);

fn generate(choices: &str) -> Result<String, Error> {
    Ok(connector_row(&generated(DOCUMENT, choices)?))
}

/// Returns the texts of the generated files.
fn files(document: &str, choices: &str) -> Result<Vec<String>, Error> {
    Ok(generated(document, choices)?.files.iter().map(|(_, file)| file.text.clone()).collect())
}

#[test]
fn reply_rules_are_in_the_generated_connector() {
    assert!(!generate("").unwrap().contains("ReplyRow"));
    let row = generate(
        "
        [replies.'*']
        redact = ['$..email']
        [replies.list_books]
        keep = ['items[].id', 'total']
        drop = ['items.owner[\"the name\"]', '$..debug']
        items = 20
        bytes = 5000
    ",
    );
    // `keep` has already removed a value that `drop` names.
    assert!(row.unwrap_err().to_string().contains("`items.owner[\"the name\"]` in `drop`"));
    let row = generate(
        "
        [replies.'*']
        redact = ['$..email']
        [replies.list_books]
        keep = ['items[].id', 'items.owner', 'total']
        drop = ['items.owner[\"the name\"]', '$..debug']
        items = 20
        bytes = 5000
    ",
    )
    .unwrap();
    let row: String = row.split_whitespace().collect();
    for part in [
        r#"ReplyRow::all().redact(&["$..email"])"#,
        r#"ReplyRow::of("list_books").keep(&["items[].id","items.owner","total"])"#,
        r#"$..debug"]).items(20).bytes(5000)"#,
    ] {
        assert!(row.contains(part), "{part}\n{row}");
    }
}

#[test]
fn post_operation_has_pagination_if_connector_toml_sets_its_effect_to_read() {
    let document = DOCUMENT.replace(
        "operationId: createBook,",
        "operationId: searchBooks, requestBody: { content: { application/json: { schema: { type: object, properties: {
            author: { type: string }, offset: { type: integer } } } } } },",
    );
    let pages = ".paging(Paging::offset(\"offset\"))";
    let files_of = |choices| files(&document, choices).unwrap().concat();
    assert!(files_of("[effect]\nsearch_books = 'read'").contains(pages));
    assert!(!files_of("[effect]\nsearch_books = 'destroy'").contains(pages));
}

#[test]
fn all_pages_rule_applies_only_to_tools_with_pagination() {
    let document = DOCUMENT.replace(
        "operationId: listBooks,",
        "operationId: listBooks, parameters: [{ name: offset, in: query, schema: { type: integer } }],",
    );
    let files = files(&document, "[replies.list_books]\nall_pages = 10").unwrap().concat();
    assert!(files.contains("ReplyRow::of(\"list_books\").all_pages(10)"), "{files}");
    assert!(files.contains(".paging(Paging::offset(\"offset\"))"), "{files}");
    for (choices, problem, remedy) in [
        (
            "[replies.create_book]\nall_pages = 10",
            "no pagination was detected in this tool",
            "remove `all_pages`",
        ),
        ("[replies.'*']\nall_pages = 10", "`all_pages` cannot be set in", "write it in the table of a tool"),
        (
            "[replies.list_books]\nall_pages = 1",
            "`all_pages` in [replies.list_books] cannot be 1",
            "from 2 to 100",
        ),
    ] {
        let text = self::files(&document, choices).unwrap_err().to_string();
        assert!(text.contains(problem) && text.contains(remedy), "{text}");
    }
}

/// Operations for which connector.toml configures jobs.
const JOBS: &str = shop_document!(
    "\
paths:
  /orders:
    post: { operationId: createOrder, responses: { '202': { description: Accepted. } } }
    put: { operationId: replaceOrders, responses: { '202': { description: Accepted., headers: { Location: { schema: { type: string } } } } } }
  /states/{shop}/{id}:
    parameters:
      - { name: shop, in: path, required: true, schema: { type: string } }
      - { name: id, in: path, required: true, schema: { type: string } }
    get: { operationId: getState, responses: { '200': { description: It. } } }
    delete: { operationId: deleteState, responses: { '200': { description: It. } } }
"
);

#[test]
fn jobs_table_adds_jobs_and_disables_detected_jobs() {
    let made = |choices: &str| {
        let text = files(JOBS, choices).unwrap().concat();
        text.split_whitespace().collect::<String>().replace(",)", ")")
    };
    let plain = made("");
    assert!(plain.contains(".job(Job::new())") && plain.matches(".job(").count() == 1, "{plain}");
    assert!(!made("[jobs.replace_orders]\nwait = false").contains("Job"));
    let all = made(
        "[jobs.create_order]
        id = '$.job[\"the/id\"]'
        read = 'get_state'
        argument = 'id'
        state = 'phase'
        done = ['baked']
        failed = ['burnt']
        result = '$.cake'
        error = '$.why'
        [jobs.replace_orders]
        header = 'X-Job'",
    );
    for part in [
        r#".job(Job::new().id("/job/the~1id","get_state","id").state("/phase").done(&["baked"]).failed(&["burnt"]).result("/cake").error("/why"))"#,
        r#".job(Job::new().header("x-job"))"#,
    ] {
        assert!(all.contains(part), "{part}\n{all}");
    }
}

#[test]
fn selectors_choose_the_tools_that_start_jobs() {
    let jobs = |choices: &str| {
        let text = files(JOBS, choices).unwrap().concat();
        let text = text.split_whitespace().collect::<String>();
        let tools = text.split("Tool::new(\"").skip(1).filter_map(|tool| {
            let (name, job) = (tool.split('"').next()?, tool.split(".job(Job::new()").nth(1)?);
            let job = job.split(";pub").next()?;
            let id = if job.contains(".id(") { " by id" } else { "" };
            Some(format!("{name}{id}"))
        });
        let mut tools: Vec<String> = tools.collect();
        tools.sort();
        tools
    };
    let by_id = "id = '$.id'\nread = 'get_state'\nargument = 'id'";
    for (choices, expected) in [
        ("[jobs.'/orders']\nwait = true".to_owned(), vec!["create_order", "replace_orders"]),
        ("[jobs.'effect:read']\nwait = true".to_owned(), vec!["get_state", "replace_orders"]),
        ("[jobs.'*']\nwait = false".to_owned(), vec![]),
        // The tool that reads the status does not start a job itself.
        (format!("[jobs.'!DELETE *']\n{by_id}"), vec!["create_order by id", "replace_orders by id"]),
        (
            format!("[jobs.'*']\n{by_id}\n[jobs.replace_orders]\nwait = false"),
            vec!["create_order by id", "delete_state by id"],
        ),
    ] {
        assert_eq!(jobs(&choices), expected, "{choices}");
    }
}

#[test]
fn error_about_an_invalid_job_rule_names_the_place_and_the_remedy() {
    for (choices, problem, remedy) in [
        ("[jobs.create_order]", "[jobs.create_order] changes nothing", "add `wait = true`"),
        (
            "[jobs.create_order]\nwait = false",
            "Jackfield has not detected that this tool starts a job",
            "remove it",
        ),
        ("[jobs.create_order]\nwait = false\nstate = 'a'", "other keys", "remove `wait`"),
        (
            "[jobs.create_order]\nid = '$.id'",
            "`id` in [jobs.create_order] needs `read`",
            "read = \"get_job\"",
        ),
        ("[jobs.create_order]\nread = 'get_state'", "needs `id`", "id = "),
        ("[jobs.create_order]\naddress = '$.urls[]'", "can select several values", "$.job.status"),
        (
            "[jobs.create_order]\ndone = []",
            "`done` in [jobs.create_order] must contain 1 to 50 states",
            "remove the key",
        ),
        (
            "[jobs.create_order]\nheader = 'a b'",
            "`header` in [jobs.create_order] cannot be `a b`",
            "X-Job-Location",
        ),
        (
            "[jobs.create_order]\nid = 'id'\nread = 'delete_state'\nargument = 'id'",
            "does not have the effect `read`",
            "effect `read`",
        ),
        (
            "[jobs.create_order]\nid = 'id'\nread = 'get_state'",
            "which argument of `get_state`",
            "`shop`, `id`",
        ),
        (
            "[jobs.create_order]\nid = 'id'\nread = 'get_state'\nargument = 'ids'",
            "no argument `ids`",
            "use one of",
        ),
        (
            "[jobs.create_order]\nid = 'id'\nread = 'get_stat'",
            "`get_stat` in `read` of [jobs.create_order]",
            "did you mean `get_state`?",
        ),
        ("[jobs.make_order]\nwait = true", "`make_order` in [jobs] matches no tool", ""),
        ("[jobs.'tag:none']\nwait = true", "`tag:none` in [jobs] matches no tool", ""),
        (
            "[jobs.'POST *']\nwait = false",
            "Jackfield has not detected that this tool starts a job",
            "remove it",
        ),
        (
            "[jobs.'*_order']\nwait = true\n[jobs.'create_*']\nwait = true",
            "both match the tool `create_order`",
            "add [jobs.create_order]: a key with the name of the tool takes precedence",
        ),
        ("[jobs.create_order]\nstatus = 'a'", "there is no key `status`", "did you mean `state`?"),
    ] {
        let text = files(JOBS, choices).unwrap_err().to_string();
        assert!(text.contains(problem) && text.contains(remedy), "{choices}: {text}");
    }
}

#[test]
fn fields_argument_gets_a_name_that_no_other_argument_has() {
    let document = DOCUMENT.replace(
        "get: { operationId: listBooks,",
        "get: { operationId: listBooks, parameters: [{ name: fields, in: query, schema: { type: string } }],",
    );
    let files = files(&document, "[replies.'*']\nfields = true").unwrap();
    let all: String = files.concat();
    assert!(all.contains(".fields(\"reply_fields\")") && all.contains(".fields(\"fields\")"), "{all}");
    assert!(all.contains("Parts of the reply to return"), "{all}");
    assert!(!files.iter().any(|file| file.contains("ReplyRow")));
    let own = self::files(&document, "[replies.'*']\nfields = true\n[replies.list_books]\nfields = false")
        .unwrap()
        .concat();
    assert!(!own.contains("reply_fields") && own.contains(".fields(\"fields\")"), "{own}");
}

#[test]
fn jq_filter_requires_the_jq_feature_of_the_runtime() {
    let files = files(DOCUMENT, "output_schemas = true\n[replies.list_books]\njq = '.items[] | {id}'")
        .unwrap()
        .concat();
    assert!(
        files.contains("v1::feature_jq_is_missing__add_it_to_jackfield_runtime_in_Cargo_toml"),
        "{files}"
    );
    assert!(files.contains(".jq(\".items[] | {id}\")"), "{files}");
}

#[test]
fn error_about_an_invalid_reply_rule_names_the_place_and_the_remedy() {
    jackfield_build::check_jq_with(
        |program| if program.ends_with('|') { Err("bad".to_owned()) } else { Ok(()) },
    );
    for (rule, problem, remedy) in [
        (
            "[replies.list_bocks]\nitems = 1",
            "`list_bocks` in [replies] matches no tool",
            "did you mean `list_books`?",
        ),
        (
            "[replies.list_books]",
            "[replies.list_books] changes nothing",
            "add `redact = [\"$.customer.email\"]`",
        ),
        ("[replies.'*']\nbytes = 100000", "changes nothing: 100000 is the default", "choose another number"),
        (
            "[replies.'*']\nredact = []",
            "`redact` in [replies.\"*\"] is empty",
            "add a path, or remove this key",
        ),
        ("[replies.'*']\nredact = ['$.a[0]']", "`$.a[0]` is not a path", "such as `$.customer.email`"),
        (
            "[replies.'*']\nredact = ['$.a.b', 'a']",
            "`$.a.b` in `redact` of [replies.\"*\"] changes nothing: `a` includes it",
            "remove it",
        ),
        (
            "[replies.'*']\nkeep = ['a.b']\ndrop = ['a']",
            "`a.b` in `keep` of [replies.\"*\"] has no effect",
            "remove one",
        ),
        (
            "[replies.'*']\nkeep = ['a.b']\ndrop = ['a.c']",
            "`a.c` in `drop` of [replies.\"*\"] changes nothing",
            "remove it",
        ),
        ("[replies.'*']\nitems = 0", "`items` in [replies.\"*\"] cannot be 0", "from 1 to 1000000"),
        ("[replies.'*']\nbytes = 999", "cannot be 999", "from 1000 to 10000000"),
        ("[replies.'*']\nitem = 3", "there is no key `item`", "did you mean `items`?"),
    ] {
        let error = generate(rule).unwrap_err().to_string();
        assert!(error.contains(problem) && error.contains(remedy), "{rule}\n{error}");
        assert!(error.contains("connector.toml:"), "{error}");
    }
}
