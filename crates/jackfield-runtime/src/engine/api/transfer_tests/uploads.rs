//! Tests of files that are sent.

use super::*;

fn file_argument(path: &Path) -> String {
    format!("file://{}", path.display())
}

#[tokio::test]
async fn large_file_is_sent_completely_with_its_content_length() {
    let bytes = content(3_000_000);
    let service = Scripted::of(vec![answer("201 Created\ncontent-length: 0", b"")]).await;
    fs::write(service.path("large.bin"), &bytes).unwrap();
    let argument = file_argument(&service.path("large.bin"));
    let result = service.call(&PUT, json!({ "body": argument })).await;
    assert!(!result.is_error(), "{result:?}");
    let result = service.call(&POST_PARTS, json!({ "title": "Moss", "file": argument })).await;
    assert!(!result.is_error(), "{result:?}");
    let requests = service.requests();
    assert!(requests[0].has("content-length: 3000000") && requests[0].body == bytes);
    let sent = &requests[1].body;
    let at = sent.windows(4).rposition(|it| it == b"\r\n\r\n").unwrap();
    assert!(sent.starts_with(b"--jackfield-boundary-") && sent[at + 4..].starts_with(&bytes[..1000]));
    assert!(sent.windows(5).any(|it| it == b"Moss\r") && sent.len() > bytes.len());
    assert_eq!(fs::read_dir(service.folder.path()).unwrap().count(), 1, "no copy is left");
}

#[tokio::test]
async fn only_idempotent_uploads_are_retried() {
    let bytes = content(2_000_000);
    for (tool, sent) in [(&PUT, 2), (&POST, 1)] {
        let service = Scripted::of(vec![Vec::new(), answer("200 OK\ncontent-length: 0", b"")]).await;
        fs::write(service.path("large.bin"), &bytes).unwrap();
        let result = service.call(tool, json!({ "body": file_argument(&service.path("large.bin")) })).await;
        assert_eq!(result.is_error(), sent == 1, "{result:?}");
        let requests = service.requests();
        assert_eq!(requests.len(), sent, "{}", tool.name);
        assert!(requests.iter().all(|request| request.body == bytes));
    }
}

#[tokio::test]
async fn upload_contains_the_file_as_it_was_when_the_call_was_prepared() {
    let bytes = content(2_000_000);
    let service = Scripted::of(vec![answer("200 OK\ncontent-length: 0", b"")]).await;
    fs::write(service.path("large.bin"), &bytes).unwrap();
    let arguments =
        json!({ "body": file_argument(&service.path("large.bin")) }).as_object().cloned().unwrap();
    let source = generated::GeneratedTool { api: &service.api, tool: (&POST).into() };
    let scope = service.api.executor.admission().scope();
    let context = CallContext::new(Caller::local(Channel::CommandLine));
    let (deadline, slot) = (service.api.executor.deadline(), LentSlot::default());
    let call = ActiveCall { context, deadline, scope, slot };
    let request = SourceRequest::CallTool { name: POST.name.to_owned(), arguments };
    let prepared = source.prepare(request, &call).await.unwrap();
    assert!(prepared.is_transfer());
    // While a person decides, the file changes.
    fs::write(service.path("large.bin"), b"something else").unwrap();
    source.send(prepared, &call).await.unwrap();
    assert!(service.requests()[0].body == bytes);
}

#[tokio::test]
async fn small_file_is_sent_from_memory() {
    let service = Scripted::of(vec![answer("200 OK\ncontent-length: 0", b"")]).await;
    fs::write(service.path("small.bin"), b"small").unwrap();
    let argument = file_argument(&service.path("small.bin"));
    assert!(!service.call(&PUT, json!({ "body": argument })).await.is_error());
    assert_eq!(service.requests()[0].body, b"small");
}

#[tokio::test(start_paused = true)]
async fn error_for_a_stalled_upload_says_that_the_upload_stalled() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let (path, file) = (folder.path().display().to_string(), folder.path().join("large.bin"));
    // The file is larger than the buffers of the system, so the upload stalls.
    fs::File::create(&file).unwrap().set_len(64 << 20).unwrap();
    let variables = [("SHOP_BASE_URL", &url), ("SHOP_FILES", &path), ("SHOP_SPOOL", &path)];
    let api = Api::new(&SHOP, Environment::of(variables));
    let accepted = tokio::spawn(async move { listener.accept().await });
    let caller = Caller::local(Channel::CommandLine);
    let arguments = json!({ "body": file_argument(&file) }).as_object().cloned().unwrap();
    let error = api.call(&POST, arguments, &caller).await.unwrap_err().to_string();
    assert!(error.contains("the upload stalled for 50 seconds"), "{error}");
    assert!(error.contains("may or may not have acted"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    drop(accepted);
}

#[tokio::test]
async fn spooled_files_of_waiting_calls_are_bounded() {
    let service =
        Scripted::with(vec![answer("200 OK\ncontent-length: 0", b"")], &[("SHOP_FILES_LIMIT", "2000000")])
            .await;
    fs::write(service.path("large.bin"), content(1_900_000)).unwrap();
    let source = generated::GeneratedTool { api: &service.api, tool: (&POST).into() };
    let context = CallContext::new(Caller::local(Channel::CommandLine));
    let prepare = || async {
        let scope = service.api.executor.admission().scope();
        let (deadline, slot) = (service.api.executor.deadline(), LentSlot::default());
        let call = ActiveCall { context: context.clone(), deadline, scope, slot };
        let arguments = json!({ "body": file_argument(&service.path("large.bin")) });
        let arguments = arguments.as_object().cloned().unwrap();
        let request = SourceRequest::CallTool { name: POST.name.to_owned(), arguments };
        source.prepare(request, &call).await
    };
    // Calls that wait for a person keep their copies.
    let mut waiting = Vec::new();
    for _ in 0..4 {
        waiting.push(prepare().await.unwrap());
    }
    let refused = prepare().await.unwrap_err().to_string();
    assert!(refused.contains("8000000 bytes") && refused.contains("SHOP_FILES_LIMIT"), "{refused}");
    waiting.pop();
    assert!(prepare().await.is_ok());
}
