"""Where images come from: a module for each data set, or family of them, chosen by name in the configuration.

To add one, write a module with a subclass of ``Source`` (or ``Packaged``) and put it in ``SOURCES``. Nothing slow may
be imported at the top of a module: the workflow imports all of them on every parse.
"""

from oneclass.data.sources.base import Source
from oneclass.data.sources.cats_vs_dogs import CatsVsDogs
from oneclass.data.sources.cifar import Cifar10, Cifar100
from oneclass.data.sources.class_folders import ClassFolders, ImageFolders
from oneclass.data.sources.elpv import Elpv
from oneclass.data.sources.fashion_mnist import FashionMnist
from oneclass.data.sources.imagenet import ImageNet1k, ImageNet22k, TinyImageNet
from oneclass.data.sources.imagenet30 import ImageNet30
from oneclass.data.sources.mnist5k import Mnist5k
from oneclass.data.sources.mvtec_ad import DrawnDefects, Mpdd, MvtecAd
from oneclass.data.sources.own_images import OwnImages
from oneclass.data.sources.photographs import PhotoCrops, PhotoTiles, Textures
from oneclass.data.sources.tiny_images import RandomImages, TinyImages
from oneclass.data.sources.visa import VisA

SOURCES: dict[str, Source] = {
    "cats_vs_dogs": CatsVsDogs(),
    "cifar10": Cifar10(),
    "cifar100": Cifar100(),
    "class_folders": ClassFolders(),
    "drawn_defects": DrawnDefects(),
    "elpv": Elpv(),
    "fashion_mnist": FashionMnist(),
    "image_folders": ImageFolders(),
    "imagenet1k": ImageNet1k(),
    "imagenet22k": ImageNet22k(),
    "imagenet30": ImageNet30(),
    "mnist5k": Mnist5k(),
    "mpdd": Mpdd(),
    "mvtec_ad": MvtecAd(),
    "own_images": OwnImages(),
    "photo_crops": PhotoCrops(),
    "photo_tiles": PhotoTiles(),
    "random_images": RandomImages(),
    "textures": Textures(),
    "tiny_imagenet": TinyImageNet(),
    "tiny_images": TinyImages(),
    "visa": VisA(),
}
