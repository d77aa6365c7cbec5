use std::fs;

use cpe_portal::config::{BucketAddress, EvidencePlace, EvidenceSettings};

fn given() -> EvidenceSettings {
    EvidenceSettings {
        place: Some("s3://cpe-portal/evidence".into()),
        region: Some("eu-central-1".into()),
        key: Some("AKIDEXAMPLE".parse().unwrap()),
        secret: Some("s3cret".parse().unwrap()),
        ..EvidenceSettings::default()
    }
}

#[track_caller]
fn bucket(settings: &EvidenceSettings) -> BucketAddress {
    match settings.check().unwrap() {
        EvidencePlace::Bucket(address) => address,
        EvidencePlace::Folder => panic!("a folder"),
    }
}

#[test]
fn without_a_place_proofs_are_in_the_folder_whatever_else_the_environment_says() {
    for place in [None, Some(String::new()), Some(" folder ".into())] {
        let settings = EvidenceSettings { place, endpoint: Some("nonsense".into()), ..given() };
        assert_eq!(settings.check(), Ok(EvidencePlace::Folder));
    }
}

#[test]
fn the_bucket_stands_in_the_host_for_aws_and_in_the_path_for_others() {
    let aws = bucket(&given());
    assert_eq!(
        (aws.origin.as_str(), aws.in_path, aws.prefix.as_str()),
        ("https://cpe-portal.s3.eu-central-1.amazonaws.com", false, "evidence/")
    );
    let endpoint = Some("https://s3.example.org:3900".into());
    let other = bucket(&EvidenceSettings { endpoint: endpoint.clone(), region: None, ..given() });
    assert_eq!(
        (other.origin.as_str(), other.in_path, other.region.as_str()),
        ("https://s3.example.org:3900", true, "us-east-1")
    );
    let host = bucket(&EvidenceSettings { endpoint, style: Some("host".into()), ..given() });
    assert_eq!((host.host.as_str(), host.in_path), ("cpe-portal.s3.example.org:3900", false));
    let dots = bucket(&EvidenceSettings { place: Some("s3://cpe.example.org".into()), ..given() });
    assert!(dots.in_path && dots.prefix.is_empty(), "no certificate is for a host with more dots");
}

#[test]
fn what_cannot_be_is_told_with_its_variable_an_example_and_no_secret() {
    let with = |change: &dyn Fn(&mut EvidenceSettings)| {
        let mut settings = given();
        change(&mut settings);
        settings.check().unwrap_err()
    };
    let place = |text: &str| with(&|settings| settings.place = Some(text.into()));
    let endpoint = |text: &str| with(&|settings| settings.endpoint = Some(text.into()));
    let mut all = Vec::new();
    for text in [
        "bucket",
        "https://s3.example.org/a",
        "s3://",
        "s3://ab",
        "s3://Upper/x",
        "s3://a..b",
        "s3://-ab/x",
        "s3://abc/../x",
        "s3://abc//x",
        "s3://abc/ü",
        "s3://abc/x y",
        "s3://abc/a?b",
        "s3://key:s3cret@abc/x",
    ] {
        let problems = place(text);
        assert!(
            problems.iter().any(|(variable, _)| *variable == "CPE_PORTAL_EVIDENCE"),
            "{text}: {problems:?}"
        );
        all.extend(problems);
    }
    for text in [
        "s3.example.org",
        "ftp://s3.example.org",
        "http://s3.example.org",
        "http://10.0.0.1:9000",
        "https://user:s3cret@s3.example.org",
        "https://s3.example.org/path",
        "https://s3.example.org/?a=b",
    ] {
        let problems = endpoint(text);
        assert!(
            problems.iter().any(|(variable, _)| *variable == "CPE_PORTAL_S3_ENDPOINT"),
            "{text}: {problems:?}"
        );
        all.extend(problems);
    }
    for text in ["http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000"] {
        assert!(EvidenceSettings { endpoint: Some(text.into()), ..given() }.check().is_ok(), "{text}");
    }
    all.extend(with(&|settings| settings.region = None));
    all.extend(with(&|settings| settings.region = Some("eu central".into())));
    all.extend(with(&|settings| settings.style = Some("virtual".into())));
    all.extend(with(&|settings| settings.secret = None));
    all.extend(with(&|settings| settings.key = Some("AKID\r\nX: s3cret".parse().unwrap())));
    all.extend(with(&|settings| settings.credentials = Some("/there/is/no/such/file".into())));
    for (variable, problem) in &all {
        assert!(variable.starts_with("CPE_PORTAL_"), "{variable}");
        assert!(!problem.contains("s3cret") && !problem.contains("AKID"), "{problem}");
    }
    let shown = format!("{:?} {} {:?}", given(), given().check().unwrap(), given().check().unwrap());
    assert!(!shown.contains("s3cret") && !shown.contains("AKIDEXAMPLE"), "{shown}");
}

#[test]
fn credentials_come_from_a_file_as_tools_of_aws_write_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials");
    let settings = EvidenceSettings { credentials: Some(file.clone()), key: None, secret: None, ..given() };
    fs::write(
        &file,
        "[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key=from/the+file=\naws_session_token = for a while\n",
    )
    .unwrap();
    let address = bucket(&settings);
    assert_eq!(address.credentials.key.expose(), "AKIDFILE");
    assert_eq!(address.credentials.secret.expose(), "from/the+file=");
    assert_eq!(address.credentials.token, None, "what is no token is left out");
    fs::write(&file, "[default]\naws_access_key_id = AKIDFILE\n").unwrap();
    let problems = settings.check().unwrap_err();
    assert!(problems.len() == 1 && problems[0].0 == "CPE_PORTAL_S3_CREDENTIALS", "{problems:?}");
}
