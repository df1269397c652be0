extension Recipe {
    /// This recipe where it trains on what is there and cuts nothing: without a method, a floor or an end of its own.
    var fineTuning: Recipe {
        var recipe = self
        for (key, name) in [
            ("method", "none"), ("criterion", "magnitude"), ("granularity", "weight"), ("distribution", "global"),
        ] { recipe.choose(key, Choice(name)) }
        for key in ["schedule", "refine", "recover"] { recipe.choose(key, nil) }
        recipe.balance = .standard
        recipe.quantization = nil
        recipe.settings["floor"] = .number(0)
        recipe.settings["stop-after"] = .integer(0)
        return recipe
    }
}
