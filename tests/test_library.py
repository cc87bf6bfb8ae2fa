"""The library as a notebook uses it, and what pages ask of trained models."""

import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pytest
import torch

import made
from made import runs
from made.base import places
from made.base.text import with_error
from made.commands.export import write_archive
from made.density import evaluation
from made.runs import loading
from made.views import inference
from made.views.progress_bar import TrainingBar

JOINT = {"grid_size": 8, "num_samples": 1000, "hidden_sizes": (16,), "device": "cpu"}
SETTINGS = {**JOINT, "epochs": 3, "learning_rate": 0.01, "progress": False}


# What is set up once for all of them is set up on one worker.
pytestmark = pytest.mark.xdist_group("library")


@pytest.fixture(scope="module")
def runs_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MADE_RUNS_DIR", str(folder))
        patch.setattr(places, "shipped_folder", lambda: folder / "nothing shipped")
        yield folder


@pytest.fixture(scope="module")
def trained(runs_folder):
    return made.train("gaussians", label="small joint", **SETTINGS)


@pytest.fixture(scope="module")
def several(runs_folder):
    """Three random orderings of the 64 pixels of the digits, in turn."""
    orderings = {"ordering": "random", "num_orderings": 3, "mask_seed": 5}
    return made.train("digits8", epochs=1, hidden_sizes="32", progress=False, **orderings)


@pytest.fixture
def folder(runs_folder, tmp_path, monkeypatch):
    """An empty runs folder for one test."""
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path / "runs"))
    return tmp_path / "runs"


def all_states(num_categories):
    return torch.cartesian_prod(torch.arange(num_categories), torch.arange(num_categories))


def test_import_does_not_wait_for_torch():
    code = (
        "import sys, made; made.ExperimentConfig(); made.list_runs(); made.find_run;"
        "import made.views.inference; assert not {'torch', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", made.__all__)
def test_every_public_name_is_there(name):
    assert getattr(made, name).__name__ == name
    assert name in dir(made)


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        _ = made.trian


def test_load_dataset_takes_the_settings_of_data():
    dataset = made.load_dataset("gaussians", grid_size=8, num_samples=1000)
    assert dataset.joint.shape == (8, 8)
    assert len(dataset.train) + len(dataset.validation) + len(dataset.test) == 1000


def test_load_dataset_refuses_settings_of_the_training():
    with pytest.raises(made.MadeError, match=r"no setting 'epochs'.*num_samples"):
        made.load_dataset("gaussians", epochs=3)


def test_trained_run_is_a_run_of_the_dashboard(trained, runs_folder):
    assert [run.id for run in runs.list_runs() if run.label == "small joint"] == [trained.run.id]
    assert trained.run.state == "finished"
    assert trained.run.path.parent == runs_folder.resolve()
    assert [record["epoch"] for record in trained.run.epochs()] == [0, 1, 2, 3]


def test_a_run_says_in_three_lines_what_it_is(trained, several):
    run, what, how = repr(trained).splitlines()
    assert run == f"small joint ({trained.run.id}), finished"
    result = trained.run.result
    assert what.startswith("gaussians · 16 · one-hot · natural ordering · test NLL ")
    said = with_error(result["nll_nats"], result["nll_standard_error"])
    assert f" ± {result['nll_standard_error']:#.2g}" in said
    assert f"test NLL {said} nats / example" in what
    assert f"test NLL {result['bits_per_dim']:#.4g} ± 0.0" in what
    assert " bits / dimension" in what
    assert f"exact KL {result['kl_nats']:#.4g} nats" in what
    assert how.startswith(str(trained.run.path))
    assert ".model.sample(10)" in how
    assert "digits8 · " in repr(several)
    assert "KL" not in repr(several)


def test_log_prob_sums_to_one(trained):
    assert not trained.model.training
    with torch.no_grad():
        log_prob = trained.model.log_prob(all_states(8))
    assert log_prob.shape == (64,)
    assert log_prob.double().exp().sum().item() == pytest.approx(1, abs=1e-6)


def test_evaluation_repeats_the_result_of_the_run(trained):
    figures = trained.evaluate("test")
    for name in ("nll_nats", "bits_per_dim", "num_examples", "num_mask_sets", "kl_nats"):
        assert figures[name] == pytest.approx(trained.run.result[name], rel=1e-9)


@pytest.mark.parametrize("checkpoint", ["best", "last"])
def test_each_checkpoint_holds_its_own_epoch(trained, checkpoint):
    loaded = made.load_run(trained.run.id, checkpoint)
    record = trained.run.epochs()[-1] if checkpoint == "last" else trained.run.best_epoch
    nll = loaded.evaluate("validation")["nll_nats"]
    assert nll == pytest.approx(record["validation_nll"], rel=1e-9)


def test_samples_depend_on_the_generator_alone(several):
    draws = [several.model.sample(5, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)]
    assert draws[0].shape == (5, 64)
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


def test_settings_go_before_the_configuration(folder):
    config = made.ExperimentConfig.from_flat({"dataset": "gaussians", **JOINT, "epochs": 7})
    loaded = made.train(config=config, progress=False, epochs=1, model="marginals")
    assert loaded.config.differences(config).keys() == {"epochs", "model"}


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"dataset": "nowhere"}, "There is no dataset 'nowhere'"),
        ({"dataset": "digits8", "model": "naive"}, "Choose MADE or a 2-D joint"),
        ({"dataset": "digits8", "device": "cuda:77"}, "no device 'cuda:77'"),
        ({"dataset": "digits8", "epoch": 3}, "no setting 'epoch'"),
        ({"dataset": "digits8", "label": " "}, "printable"),
    ],
)
def test_what_cannot_be_trained_leaves_no_run(folder, settings, sentence):
    with pytest.raises(made.MadeError, match=sentence):
        made.train(**settings)
    assert not runs.list_runs()


def test_failed_training_raises_its_cause(folder, monkeypatch):
    monkeypatch.setattr(evaluation, "mean_nll", lambda *arguments: float("nan"))
    with pytest.raises(made.MadeError, match="validation loss after epoch 0 is nan"):
        made.train("gaussians", **SETTINGS)
    assert runs.list_runs()[0].state == "failed"


def test_keyboard_interrupt_keeps_the_checkpoint(folder, monkeypatch):
    show = TrainingBar.event

    def interrupt(bar, event):
        show(bar, event)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(TrainingBar, "event", interrupt)
    with pytest.raises(KeyboardInterrupt, match=r"made\.load_run\('"):
        made.train("gaussians", **SETTINGS)
    run = runs.list_runs()[0]
    assert run.state == "stopped"
    assert made.load_run(run, "last").evaluate()["num_examples"] == 100


def test_runs_are_found_by_id_label_and_beginning(trained, several):
    for reference in (trained.run.id, "small joint", trained.run.path, str(trained.run.path)):
        assert loading.find_run(reference).path == trained.run.path
    assert loading.find_run(trained.run.id[:-1]).id == trained.run.id


def test_exact_label_comes_before_the_beginning_of_an_id(folder):
    first = runs.create(made.ExperimentConfig(), "first")
    second = runs.create(made.ExperimentConfig(), first.id[:4])
    assert loading.find_run(first.id[:4]).id == second.id


def test_ambiguous_references_name_the_candidates(folder):
    made_runs = [runs.create(made.ExperimentConfig(), "twin") for _ in range(2)]
    for reference in ("twin", made_runs[0].id[:2]):
        with pytest.raises(made.MadeError, match="any of 2 runs") as caught:
            loading.find_run(reference)
        assert all(run.id in str(caught.value) for run in made_runs)


@pytest.mark.parametrize("reference", ["", "nothing", "../nothing", "x" * 300])
def test_unknown_references_are_one_sentence(folder, reference):
    with pytest.raises(made.MadeError, match="There is no run"):
        made.load_run(reference)


def test_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(made.MadeError, match="no run folder: it holds none"):
        made.load_run(tmp_path)


def test_exported_folder_loads_to_the_same_model(trained, tmp_path, monkeypatch):
    write_archive(trained.run, tmp_path / "run.zip")
    shutil.unpack_archive(tmp_path / "run.zip", tmp_path / "unpacked")
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path / "elsewhere"))
    (inner,) = (tmp_path / "unpacked").iterdir()
    for place in (tmp_path / "unpacked", inner, str(inner)):
        loaded = made.load_run(place)
        assert loaded.config == trained.config
        assert loaded.run.label == "small joint"
        assert loaded.run.state == "finished"
        assert loaded.run.epochs() == trained.run.epochs()
        assert np.array_equal(loaded.run.losses(), trained.run.losses())
        states = all_states(8)
        assert torch.equal(loaded.model.log_prob(states), trained.model.log_prob(states))


def test_exported_run_of_an_upload_needs_no_upload(trained, tmp_path):
    write_archive(trained.run, tmp_path / "run.zip")
    shutil.unpack_archive(tmp_path / "run.zip", tmp_path)
    config = tmp_path / trained.run.id / "config.json"
    config.write_text(trained.config.replace(dataset="upload-mine-0000").model_dump_json())
    loaded = made.load_run(config.parent)
    assert loaded.info == trained.info
    with pytest.raises(made.MadeError, match="upload-mine-0000"):
        _ = loaded.dataset


def test_weights_of_another_configuration_are_refused(trained, tmp_path):
    copy = shutil.copytree(trained.run.path, tmp_path / "copy")
    other = trained.config.replace(hidden_sizes=(17,))
    (copy / "config.json").write_text(other.model_dump_json())
    with pytest.raises(made.MadeError, match=r"best\.safetensors .* do not fit its config\.json"):
        made.load_run(copy)


def test_broken_weights_are_refused(trained, tmp_path):
    copy = shutil.copytree(trained.run.path, tmp_path / "copy")
    weights = copy / "best.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(made.MadeError, match=r"best\.safetensors is broken"):
        made.load_run(copy)


def test_run_without_a_checkpoint_is_refused(folder):
    run = runs.create(made.ExperimentConfig.from_flat({"dataset": "digits8"}))
    with pytest.raises(made.MadeError, match="no checkpoint 'best'"):
        made.load_run(run.id)


def test_mixture_takes_only_mask_sets_that_are_there(several):
    assert several.evaluate(num_mask_sets=2)["num_mask_sets"] == 2
    assert several.evaluate()["num_mask_sets"] == 3
    for number in (0, 4):
        with pytest.raises(made.MadeError, match="mask set"):
            several.evaluate(num_mask_sets=number)


def test_draw_of_a_joint_comes_with_its_exact_density(trained):
    drawn = inference.draw(trained.run.id, num_samples=20_000, seed=3)
    assert drawn.samples.shape == (20_000, 2)
    assert drawn.samples.dtype == np.uint8
    assert drawn.histogram.sum() == 20_000
    assert drawn.density.sum() == pytest.approx(1, abs=1e-6)
    # Each cell is binomial: five standard deviations hold for all 64 of them.
    spread = np.sqrt(drawn.density * (1 - drawn.density) / 20_000)
    assert (np.abs(drawn.histogram / 20_000 - drawn.density) <= 5 * spread).all()
    assert np.array_equal(drawn.density, inference.exact_density(trained.run.id))


def test_observed_variable_conditions_samples_and_density(trained):
    joint = inference.exact_density(trained.run.id)
    drawn = inference.draw(trained.run.id, num_samples=50, observed={0: 3})
    assert (drawn.samples[:, 0] == 3).all()
    np.testing.assert_allclose(drawn.density[3], joint[3] / joint[3].sum(), rtol=1e-12)
    assert drawn.density.sum() == pytest.approx(1)


def test_draw_is_decided_by_seed_and_mask_set(several):
    def samples(**choice):
        return inference.draw(several.run.id, num_samples=4, **choice).samples

    assert np.array_equal(samples(seed=1, mask_set=2), samples(seed=1, mask_set=2))
    assert not np.array_equal(samples(seed=1, mask_set=2), samples(seed=2, mask_set=2))
    assert not np.array_equal(samples(seed=1, mask_set=2), samples(seed=1, mask_set=1))
    assert inference.draw(several.run.id, num_samples=4).density is None
    assert inference.exact_density(several.run.id) is None


@pytest.mark.parametrize("choice", [{"mask_set": 3}, {"mask_set": -1}, {"num_samples": 0}])
def test_draw_refuses_what_is_not_there(several, choice):
    with pytest.raises(made.MadeError):
        inference.draw(several.run.id, **choice)


def test_mask_sets_are_counted(trained, several, folder):
    fresh = made.ExperimentConfig.from_flat(
        {"dataset": "digits8", "ordering": "random", "num_orderings": 0, "ensemble_size": 5}
    )
    assert inference.mask_set_count(runs.create(fresh).id) == 5
    assert inference.mask_set_count(runs.create(several.config).id) == 3
    assert inference.mask_set_count(runs.create(trained.config).id) == 1


def test_models_are_kept_until_their_file_changes(trained, monkeypatch):
    inference.draw(trained.run.id, num_samples=1)
    loads = []
    load_run = loading.load_run
    monkeypatch.setattr(loading, "load_run", lambda *a: loads.append(a) or load_run(*a))
    inference.draw(trained.run.id, num_samples=1)
    assert not loads
    trained.run.checkpoint_path("best").touch()
    inference.draw(trained.run.id, num_samples=1)
    assert len(loads) == 1


def test_threads_draw_what_one_thread_draws(several):
    def draw(seed):
        return inference.draw(several.run.id, num_samples=3, seed=seed).samples

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(draw, range(16)))
    for seed, samples in enumerate(together):
        assert np.array_equal(samples, draw(seed))


def test_npz_holds_the_arrays_that_there_are(trained, several):
    for run, names in ((trained, {"samples", "histogram", "density"}), (several, {"samples"})):
        drawn = inference.draw(run.run.id, num_samples=2)
        with np.load(BytesIO(inference.to_npz(drawn)), allow_pickle=False) as content:
            assert set(content.files) == names
            assert np.array_equal(content["samples"], drawn.samples)


def test_warm_up_imports_torch_in_the_background():
    code = (
        "import sys, made.runs.kept_models as i; i.warm_up(); first = i._warm_up; i.warm_up();"
        "assert i._warm_up is first; first.join(); assert 'torch' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
