extension Recipe {
    /// This recipe where it trains on what is there and cuts nothing: without a method, a floor or an end of its own.
    var fineTuning: Recipe {
        var recipe = self
        recipe.method = Choice("none")
        recipe.schedule = nil
        recipe.criterion = Choice("magnitude")
        recipe.granularity = Choice("weight")
        recipe.distribution = Choice("global")
        recipe.refine = nil
        recipe.recover = []
        recipe.balance = .standard
        recipe.quantization = nil
        recipe.settings["floor"] = .number(0)
        recipe.settings["stop-after"] = .integer(0)
        return recipe
    }
}
