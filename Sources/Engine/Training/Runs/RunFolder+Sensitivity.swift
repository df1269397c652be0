extension RunFolder {
    package var sensitivity: String { path + "/sensitivity.json" }
}
