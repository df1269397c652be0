extension NamedNetworks {
    static let autoencoder640 = Named(
        "autoencoder-640",
        "fully connected 128-128-128-128-8-128-128-128-128 with batch normalisation: what it makes of its input tells anomalies",
        citation: "Koizumi et al. 2020, arXiv:2006.05822; Banbury et al. 2021, arXiv:2106.07597"
    ) { input, outputs in
        var list = EntryList()
        if !input.isFlat { list.add("flatten", Flatten()) }
        for (number, size) in [128, 128, 128, 128, 8, 128, 128, 128, 128].enumerated() {
            list.add("fc\(number + 1)", Linear(outputs: size))
            list.add("norm\(number + 1)", BatchNorm())
            list.add("relu\(number + 1)", ReLU())
        }
        list.add("fc10", Linear(outputs: outputs))
        return try Graph(input: input, list.entries)
    }
}
