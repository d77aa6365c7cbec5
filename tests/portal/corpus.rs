//! The corpus of `tests/fuzz` through the same readers: what a fuzzer found once stays mended.

#[path = "../fuzz/src/entries.rs"]
mod entries;

use std::path::Path;
use std::time::{Duration, Instant};

/// No input of the corpus takes a reader longer than this, on a machine that has other work.
const QUICK: Duration = Duration::from_secs(5);

#[test]
fn every_reader_of_a_strangers_bytes_takes_its_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    let mut folders: Vec<String> = names(&corpus);
    for (name, reader) in entries::ENTRIES {
        folders.retain(|folder| folder != name);
        let inputs = names(&corpus.join(name));
        assert!(inputs.len() >= 3, "{name} has too small a corpus");
        for input in inputs {
            let bytes = std::fs::read(corpus.join(name).join(&input)).unwrap();
            // the name is in the output when the reader panics
            eprintln!("{name}/{input}");
            let begun = Instant::now();
            reader(&bytes);
            assert!(begun.elapsed() < QUICK, "{name}/{input} took {:?}", begun.elapsed());
        }
    }
    assert_eq!(folders, Vec::<String>::new(), "a corpus without a reader");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}
