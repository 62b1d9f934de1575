"""The catalogue of networks of paper 2 (Appendix G.1). A new network is a module and an entry here."""

from oneclass.catalogue.records import Network

NETWORKS = {
    network.name: network
    for network in (
        Network(
            "lenet",
            "LeNet (32 px)",
            "exposure.networks.lenet",
            image_size=32,
            stored_size=32,
            padding=4,
            augmentations=((), ("jitter", "flip", "crop", "noise")),
            counts=True,
            stacks=True,
        ),
        Network(
            "cbam_resnet18",
            "CBAM ResNet-18 (224 px)",
            "exposure.networks.cbam_resnet18",
            image_size=224,
            stored_size=256,
            augmentations=(("crop",), ("flip", "crop")),
            channels_last=False,  # crashes PyTorch 2.15 in narrow ResNets on a CPU
        ),
        Network("head", "head on frozen features", "exposure.networks.head", stacks=True),
    )
}

STORED_SIZES = {network.image_size: network.stored_size for network in NETWORKS.values() if network.image_size}
